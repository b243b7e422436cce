//! The programs that the tests need besides Rust.

use std::path::{Path, PathBuf};

/// Where a program may lie besides `PATH`.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Nowhere else.
    Path,
    /// In this folder.
    Folder(&'static str),
    /// In `<base>/<any folder>/<inner folder>`.
    Versioned(&'static str, &'static str),
}

/// A program and the Debian package that brings it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needed {
    /// The file's name.
    pub(super) program: &'static str,
    /// The package that brings it.
    pub(super) package: &'static str,
    /// The service that comes with the package, which the tests do not use.
    pub(super) service: &'static str,
    place: Place,
}

const POSTGRES_PROGRAMS: Place = Place::Versioned("/usr/lib/postgresql", "bin");

/// What must be there. One line per program; the programs of one package stand together.
pub(super) const NEEDED: [Needed; 6] = [
    needed("postgres", "postgresql", "postgresql", POSTGRES_PROGRAMS),
    needed("initdb", "postgresql", "postgresql", POSTGRES_PROGRAMS),
    needed("mariadbd", "mariadb-server", "mariadb", Place::Path),
    needed("mariadb-install-db", "mariadb-server", "mariadb", Place::Path),
    needed(
        "rabbitmq-server",
        "rabbitmq-server",
        "rabbitmq-server",
        Place::Versioned("/usr/lib/rabbitmq/lib", "sbin"),
    ),
    needed("imap-login", "dovecot-imapd", "dovecot", Place::Folder("/usr/lib/dovecot")),
];

const fn needed(program: &'static str, package: &'static str, service: &'static str, place: Place) -> Needed {
    Needed { program, package, service, place }
}

impl Needed {
    /// Whether the program is installed.
    pub(super) fn is_there(&self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let system = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
        let folders = std::env::split_paths(&path).chain(system).chain(self.place.folders());
        folders.into_iter().any(|folder| folder.join(self.program).is_file())
    }
}

impl Place {
    fn folders(self) -> Vec<PathBuf> {
        match self {
            Self::Path => Vec::new(),
            Self::Folder(folder) => vec![PathBuf::from(folder)],
            Self::Versioned(base, inner) => {
                let versions = std::fs::read_dir(Path::new(base)).into_iter().flatten().flatten();
                versions.map(|version| version.path().join(inner)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_looked_for() {
        assert!(needed("sh", "dash", "none", Place::Path).is_there());
        assert!(!needed("no-such-program-here", "none", "none", Place::Versioned("/usr", "bin")).is_there());
        let base = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(base.path().join("17/bin")).unwrap();
        std::fs::write(base.path().join("17/bin/habeas-sample-program"), "").unwrap();
        let folder: &'static str = base.path().to_str().unwrap().to_owned().leak();
        let versioned = needed("habeas-sample-program", "none", "none", Place::Versioned(folder, "bin"));
        assert!(versioned.is_there());
        assert!(!needed("habeas-sample-program", "none", "none", Place::Folder(folder)).is_there());
    }
}
