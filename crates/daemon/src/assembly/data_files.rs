//! Folders of data files that say more than what is built in.

use std::path::Path;

use crate::failure::{Exit, Failure};

/// The TOML files of a folder, in the order of their names, each with its text. `what` they are and which `setting` names the
/// folder is for the failure.
pub(crate) fn toml_files(
    folder: &Path,
    what: &'static str,
    setting: &str,
) -> Result<Vec<(String, String)>, Failure> {
    let unreadable = |error: std::io::Error| {
        let message = format!("cannot read {what} from {}: {error}", folder.display());
        Failure::new(Exit::Config, what, message).fix(format!("correct {setting}"))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).map_err(unreadable)?;
        Ok((path.to_string_lossy().into_owned(), text))
    };
    files.into_iter().map(read).collect()
}
