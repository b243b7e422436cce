//! The programs that the tests need besides Rust.

use std::path::{Path, PathBuf};

/// A program, where it may lie outside of `PATH`, and the Debian package that brings it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needed {
    /// The file's name.
    pub(super) program: &'static str,
    /// The package that brings it.
    pub(super) package: &'static str,
    /// `<base>/<any folder>/<inner folder>`.
    versioned: Option<(&'static str, &'static str)>,
}

/// What must be there.
pub(super) const NEEDED: [Needed; 5] = [
    Needed { program: "postgres", package: "postgresql", versioned: Some(("/usr/lib/postgresql", "bin")) },
    Needed { program: "initdb", package: "postgresql", versioned: Some(("/usr/lib/postgresql", "bin")) },
    Needed { program: "mariadbd", package: "mariadb-server", versioned: None },
    Needed { program: "mariadb-install-db", package: "mariadb-server", versioned: None },
    Needed {
        program: "rabbitmq-server",
        package: "rabbitmq-server",
        versioned: Some(("/usr/lib/rabbitmq/lib", "sbin")),
    },
];

impl Needed {
    /// Whether the program is installed.
    pub(super) fn is_there(&self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let system = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
        let folders = std::env::split_paths(&path).chain(system).chain(self.versioned_folders());
        folders.into_iter().any(|folder| folder.join(self.program).is_file())
    }

    fn versioned_folders(&self) -> Vec<PathBuf> {
        let Some((base, inner)) = self.versioned else { return Vec::new() };
        let versions = std::fs::read_dir(Path::new(base)).into_iter().flatten().flatten();
        versions.map(|version| version.path().join(inner)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_looked_for() {
        assert!(Needed { program: "sh", package: "dash", versioned: None }.is_there());
        assert!(
            !Needed { program: "no-such-program-here", package: "none", versioned: Some(("/usr", "bin")) }
                .is_there()
        );
    }
}
