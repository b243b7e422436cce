//! Finding the programs of the servers.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Finds `program` in the given folders, then in `PATH`, then where Debian keeps the programs of administrators.
pub(crate) fn find(program: &str, folders: &[PathBuf]) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    folders
        .iter()
        .cloned()
        .chain(std::env::split_paths(&path))
        .chain(system)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
        .with_context(|| format!("{program} is not installed; `cargo xtask test` installs it or says how"))
}

/// The folders `<base>/<any>/<inner>`, the highest version number first.
pub(crate) fn versioned(base: &str, inner: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u64, PathBuf)> = std::fs::read_dir(base)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| (version(&entry.path()), entry.path().join(inner)))
        .filter(|(_, folder)| folder.is_dir())
        .collect();
    found.sort_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// The first number in the folder's name.
fn version(folder: &Path) -> u64 {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let digits: String =
        name.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let base = tempfile::tempdir().unwrap();
        for version in ["9", "15", "14"] {
            std::fs::create_dir_all(base.path().join(version).join("bin")).unwrap();
        }
        let folders = versioned(&base.path().to_string_lossy(), "bin");
        assert_eq!(folders.first().unwrap(), &base.path().join("15/bin"));
        assert_eq!(folders.len(), 3);
    }

    #[test]
    fn a_missing_program_says_how_to_get_it() {
        let failure = find("no-such-program-here", &[]).unwrap_err();
        assert!(failure.to_string().contains("cargo xtask test"), "{failure}");
    }
}
