//! What a check finds, before it is known where the value came from.

/// One thing that is wrong with a value.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The key and the tables around it.
    pub(crate) path: Vec<String>,
    pub(crate) message: String,
    pub(crate) fix: String,
}

/// Everything that is wrong.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(crate) Vec<Found>);

impl Findings {
    /// Notes what is wrong with the value at `path`, such as `mail.host`.
    pub(crate) fn add(&mut self, path: &str, message: impl Into<String>, fix: impl Into<String>) {
        let path = path.split('.').map(str::to_owned).collect();
        self.0.push(Found { path, message: message.into(), fix: fix.into() });
    }

    /// The same for a path in pieces, unless something was noted about that value before.
    pub(crate) fn add_once(&mut self, path: &[String], message: impl Into<String>, fix: impl Into<String>) {
        if !self.0.iter().any(|found| found.path == path) {
            self.0.push(Found { path: path.to_vec(), message: message.into(), fix: fix.into() });
        }
    }

    /// Notes that a key is needed under `when`.
    pub(crate) fn missing(&mut self, path: &str, when: &str, example: &str) {
        let key = path.rsplit('.').next().unwrap_or(path);
        self.add(path, format!("needed because {when}"), format!("set {key} = {example}"));
    }
}
