//! Files that a command writes for whoever called it.

use std::{io::Write as _, os::unix::fs::OpenOptionsExt, path::Path};

use crate::failure::{Exit, Failure};

/// Writes a file that must not be there yet, readable by its owner alone.
pub(crate) fn write_new(to: &Path, content: &[u8]) -> Result<(), Failure> {
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .and_then(|mut file| file.write_all(content));
    written.map_err(|error| {
        let message = format!("cannot write {}: {error}", to.display());
        Failure::new(Exit::Usage, "file", message).fix("name a file that is not there yet")
    })
}
