//! Whether the URLs of stores are ones to connect to.

use std::net::IpAddr;

use habeas_domain::Destination;

use crate::{Driver, Manifest, ManifestProblem, Registry, UrlError};

/// Where the setting stands in a manifest.
pub(crate) const PATH: &str = "store.url";

impl Registry {
    /// What is wrong with the URLs of the stores: one of another driver, and hosts that nobody should connect to, except the
    /// link-local addresses in `allowed`. `env` looks up an environment variable. A URL that cannot be had here is no problem
    /// yet: it is told when the store is connected to.
    pub fn address_problems(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
        allowed: &[IpAddr],
    ) -> Vec<ManifestProblem> {
        self.manifests().iter().filter_map(|manifest| manifest.address_problem(env, allowed)).collect()
    }
}

impl Manifest {
    /// The store's URL. `env` looks up an environment variable.
    ///
    /// # Errors
    /// Where the setting stands, why its URL cannot be had, and the fix.
    pub fn read_url(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<String, Box<ManifestProblem>> {
        let read = self.url.read(self.folder(), env);
        read.map_err(|error| {
            let why =
                std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
            Box::new(self.url_problem(format!("{error}{why}"), error.fix()))
        })
    }

    /// A problem of the store's URL, with its place. The texts must not quote it: it may hold a password.
    pub fn url_problem(&self, message: impl Into<String>, fix: impl Into<String>) -> ManifestProblem {
        let place = self.source.places.get(PATH).copied();
        ManifestProblem::new(self.source.file.clone(), place, PATH, message.into(), fix.into())
    }

    fn folder(&self) -> &std::path::Path {
        self.file().parent().unwrap_or(std::path::Path::new("."))
    }

    fn address_problem(
        &self,
        env: &dyn Fn(&str) -> Option<String>,
        allowed: &[IpAddr],
    ) -> Option<ManifestProblem> {
        let url = self.url.read(self.folder(), env).ok()?;
        let schemes = self.driver.schemes();
        if !schemes.iter().any(|scheme| url.split(':').next() == Some(scheme)) {
            let message = format!("not a URL of the driver {}", self.driver);
            let fix = format!("begin it with {}, or change store.driver", schemes.join(": or ") + ":");
            return Some(self.url_problem(message, fix));
        }
        if self.driver == Driver::Sqlite {
            return None;
        }
        let problem = Destination::check_url(&url, allowed).err()?;
        Some(self.url_problem(problem.to_string(), problem.fix()))
    }
}

impl UrlError {
    /// What to do about it.
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::Unset(_) => "set it to the store's URL",
            Self::Unreadable { .. } => "mount the secret there, or let the daemon read it",
            Self::Empty(_) => "write the store's URL into it",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn told(driver: &str, url: &str) -> Vec<String> {
        let text = format!(
            "[store]\nname = \"shop\"\ndriver = \"{driver}\"\nurl = {url}\nproduct = \"Shop\"\n\n[[collection]]\nname = \"customer\"\n\
             delete = \"rows\"\ntitle = {{ en = \"a\", ja = \"a\" }}\nfields.email = {{ key = \"email\", category = \"user.contact.email\" }}\n"
        );
        let manifest = Manifest::parse(Path::new("stores/shop.toml"), &text).unwrap();
        let registry = Registry::from_manifests(vec![manifest]).unwrap();
        let env = |name: &str| {
            (name == "SHOP").then(|| "postgres://habeas:hunter2@[::ffff:169.254.169.254]/x".to_owned())
        };
        let problems = registry.address_problems(&env, &[[169, 254, 7, 7].into()]);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_store_that_is_no_server_to_connect_to_is_refused_with_its_line() {
        for (driver, url, message) in [
            ("postgres", r#""postgres://habeas:hunter2@169.254.169.254/x""#, "a link-local address"),
            ("postgres", r#"{ env = "SHOP" }"#, "an address in disguise: it means 169.254.169.254"),
            (
                "mysql",
                r#""mysql://habeas:hunter2@0xa9fea9fe/x""#,
                "an address in disguise: it means 169.254.169.254",
            ),
            (
                "mysql",
                r#""mysql://habeas:hunter2@2130706433/x""#,
                "an address in disguise: it means 127.0.0.1",
            ),
            ("postgres", r#""postgres://habeas:hunter2@db.test/x?host=169.254.0.1""#, "a link-local address"),
            ("postgres", r#""postgres://habeas:hunter2@0.0.0.0/x""#, "the unspecified address"),
            ("postgres", r#""http://habeas:hunter2@db.test/x""#, "not a URL of the driver postgres"),
            ("sqlite", r#""postgres://habeas:hunter2@db.test/x""#, "not a URL of the driver sqlite"),
            ("mysql", r#""mysql:habeas:hunter2""#, "not a URL with a host"),
        ] {
            let told = told(driver, url);
            let [told] = told.as_slice() else { panic!("{url}: {told:?}") };
            assert!(told.starts_with(&format!("stores/shop.toml:4:7: store.url: {message}")), "{told}");
            assert!(told.contains("Fix: ") && !told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn ordinary_stores_and_what_is_allowed_pass() {
        for (driver, url) in [
            ("postgres", r#""postgresql://habeas@127.0.0.1/x""#),
            ("postgres", r#""postgres://habeas@169.254.7.7/x""#),
            ("mysql", r#""mariadb://habeas@db.example.com:3307/x""#),
            ("sqlite", r#""sqlite://shop.db""#),
            ("postgres", r#"{ env = "NOT_SET_HERE" }"#),
        ] {
            assert_eq!(told(driver, url), Vec::<String>::new(), "{url}");
        }
    }
}
