//! Reading every manifest of a folder.

use std::path::{Path, PathBuf};

use crate::{Finding, Manifest, ManifestProblem, Registry};

/// Why the manifests cannot be used. Nothing starts before a person has mended them; no retry helps.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The folder or a file cannot be read.
    #[error("cannot read {path}; check that it exists and may be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The folder holds no manifest. To start nevertheless would tell everybody that nothing is held.
    #[error("{0} holds no manifest; add one file such as shop.toml for each store")]
    Empty(PathBuf),
    /// Manifests are wrong in themselves.
    #[error("{}", lines(.0))]
    Problems(Vec<ManifestProblem>),
    /// Manifests do not fit together. Holds the warnings, too.
    #[error("{}", lines(.0))]
    Findings(Vec<Finding>),
}

fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

impl Registry {
    /// Reads every `*.toml` file of a folder, in the order of their names. Gives the problems of all files at once.
    pub fn load(folder: &Path) -> Result<Self, RegistryError> {
        let mut manifests = Vec::new();
        let mut problems = Vec::new();
        for file in manifest_files(folder)? {
            match read(&file)? {
                Ok(manifest) => manifests.push(manifest),
                Err(more) => problems.extend(more),
            }
        }
        if !problems.is_empty() {
            return Err(RegistryError::Problems(problems));
        }
        if manifests.is_empty() {
            return Err(RegistryError::Empty(folder.to_owned()));
        }
        Self::from_manifests(manifests).map_err(RegistryError::Findings)
    }
}

fn manifest_files(folder: &Path) -> Result<Vec<PathBuf>, RegistryError> {
    let unreadable = |source| RegistryError::Unreadable { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<Result<Manifest, Vec<ManifestProblem>>, RegistryError> {
    let bytes =
        std::fs::read(file).map_err(|source| RegistryError::Unreadable { path: file.to_owned(), source })?;
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) => Manifest::parse(file, text),
        Err(error) => {
            let message = format!("not UTF-8 text from byte {} on", error.valid_up_to());
            Err(vec![ManifestProblem::new(
                file.to_owned(),
                None,
                "",
                message,
                "save the file as UTF-8".to_owned(),
            )])
        }
    })
}
