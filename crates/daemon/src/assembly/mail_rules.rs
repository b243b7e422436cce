//! The rules by which mails are understood.

use std::path::Path;

use habeas_config::Config;
use habeas_mailbox::{Reader, ReaderOptions};

use super::data_files::toml_files;
use crate::failure::{Exit, Failure};

/// The rule files of the configured folder, name and text.
pub(crate) fn mail_rules(config: &Config) -> Result<Vec<(String, String)>, Failure> {
    let folder = config.requests.mail_rules_folder.as_deref();
    folder.map_or_else(|| Ok(Vec::new()), |folder| mail_rules_in(folder, "requests.mail_rules_folder"))
}

/// The rule files of a folder that a setting or an option names.
pub(crate) fn mail_rules_in(folder: &Path, setting: &str) -> Result<Vec<(String, String)>, Failure> {
    toml_files(folder, "mail rules", setting)
}

/// What reads mails by the built-in rules and `options.rules`.
pub(crate) fn reader_of(options: ReaderOptions) -> Result<Reader, Failure> {
    Reader::new(options)
        .map_err(|error| Failure::of(Exit::Config, "mail rules", &error).fix("correct the data file"))
}
