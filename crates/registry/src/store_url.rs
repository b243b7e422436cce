//! Where a store is.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Where a store's URL comes from. A URL may hold a password: it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// An environment variable.
    Env(String),
    /// A file that holds the URL, such as a mounted secret; relative to the manifest's folder.
    File(PathBuf),
    /// The URL itself.
    Literal(String),
}

/// Why a store's URL cannot be had. A retry helps only after somebody mended the cause.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// The variable is not set, or empty.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// The file cannot be read.
    #[error("cannot read the store's URL from {file}")]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is empty.
    #[error("the file {0} is empty")]
    Empty(PathBuf),
}

impl StoreUrl {
    /// The URL. `folder` is the manifest's, `env` looks up an environment variable.
    pub fn read(&self, folder: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<String, UrlError> {
        match self {
            Self::Literal(url) => Ok(url.clone()),
            Self::Env(name) => {
                env(name).filter(|url| !url.trim().is_empty()).ok_or_else(|| UrlError::Unset(name.clone()))
            }
            Self::File(file) => {
                let file = folder.join(file);
                let url = std::fs::read_to_string(&file)
                    .map_err(|source| UrlError::Unreadable { file: file.clone(), source })?;
                let url = url.trim();
                if url.is_empty() { Err(UrlError::Empty(file)) } else { Ok(url.to_owned()) }
            }
        }
    }

    /// Whether the manifest itself holds a password.
    pub(crate) fn spells_out_a_password(&self) -> bool {
        let Self::Literal(url) = self else { return false };
        let authority = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(""));
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(file) => write!(f, "file:{}", file.display()),
            Self::Literal(_) => f.write_str("[url]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_source() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("url"), "sqlite://shop.db\n").unwrap();
        std::fs::write(folder.path().join("none"), "\n").unwrap();
        let env = |name: &str| (name == "SHOP").then(|| "sqlite://env.db".to_owned());
        let read = |url: StoreUrl| url.read(folder.path(), &env);
        assert_eq!(read(StoreUrl::File("url".into())).unwrap(), "sqlite://shop.db");
        assert_eq!(read(StoreUrl::Env("SHOP".into())).unwrap(), "sqlite://env.db");
        assert!(matches!(read(StoreUrl::Env("OTHER".into())), Err(UrlError::Unset(name)) if name == "OTHER"));
        assert!(matches!(read(StoreUrl::File("none".into())), Err(UrlError::Empty(_))));
        assert!(matches!(read(StoreUrl::File("gone".into())), Err(UrlError::Unreadable { .. })));
    }

    #[test]
    fn a_url_is_not_printed() {
        let url = StoreUrl::Literal("postgres://habeas:hunter2@db.test/shop".into());
        assert_eq!(format!("{url:?}"), "[url]");
        assert!(url.spells_out_a_password());
        assert!(!StoreUrl::Literal("postgres://habeas@db.test/shop".into()).spells_out_a_password());
    }
}
