//! The demo's folder.

use std::{
    fs::{self, DirBuilder},
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use habeas_domain::WorkerId;

use crate::{
    context::Context,
    failure::{Exit, Failure},
};

/// Everything that the demo makes lies in it.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// Where it is, absolutely.
    pub(super) path: PathBuf,
}

impl Folder {
    /// Makes the folder that the caller named, which must be new or empty, or else one among the temporary files.
    pub(super) fn create(context: &Context, keep: Option<PathBuf>) -> Result<Self, Failure> {
        let path = keep.unwrap_or_else(|| {
            let id: WorkerId = context.ids().fresh();
            std::env::temp_dir().join(format!("habeas-demo-{id}"))
        });
        let failed = |error: std::io::Error| {
            Failure::new(Exit::Usage, "demo", format!("cannot use {}: {error}", path.display()))
                .fix("name a folder that is new or empty, with --keep")
        };
        if path.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(failed(std::io::ErrorKind::DirectoryNotEmpty.into()));
        }
        for part in ["", "stores", "downloads"] {
            DirBuilder::new().recursive(true).mode(0o700).create(path.join(part)).map_err(failed)?;
        }
        let path = path.canonicalize().map_err(failed)?;
        Ok(Self { path })
    }

    /// The configuration of the demo's daemon.
    pub(super) fn config(&self) -> PathBuf {
        self.path.join("habeas.toml")
    }

    /// What the daemon wrote about itself.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("habeas.log")
    }

    /// The mails.
    pub(super) fn mails(&self) -> PathBuf {
        self.path.join("mail")
    }

    /// The mailbox that people write to.
    pub(super) fn mailbox(&self) -> PathBuf {
        self.path.join("habeas").join("mailbox")
    }

    /// What the people downloaded.
    pub(super) fn downloads(&self) -> PathBuf {
        self.path.join("downloads")
    }

    /// Writes the configuration, so that every other command can look at what the demo left. It listens on `listen`: links that
    /// those commands mail lead there.
    pub(super) fn write_config(&self, listen: SocketAddr) -> Result<(), Failure> {
        let text = format!(
            "# The demo of Habeas. Look around with `habeas --config {config} request list`.\n\
             data_dir = {data}\n\n\
             [http]\nlisten = \"{listen}\"\n\n\
             [mail]\nfolder = {mail}\nfrom_name = \"Example Mart\"\nfrom_address = \"privacy@example.com\"\n\n\
             # The people of the demo have no three days: they are warned, and nothing waits for an objection.\n\
             [deletion]\ngrace_hours = 0\n\n\
             [stores]\nfolder = {stores}\n\n\
             [controller]\nname_en = \"Example Mart\"\nname_ja = \"例示マート\"\n\
             contact_email = \"privacy@example.com\"\nnotice_version = \"2026-04\"\n",
            config = self.config().display(),
            data = quoted(&self.path.join("habeas")),
            mail = quoted(&self.mails()),
            stores = quoted(&self.path.join("stores")),
        );
        fs::write(self.config(), text).map_err(|error| Failure::of(Exit::Unavailable, "demo", &error))
    }
}

/// A path as a TOML text.
fn quoted(path: &Path) -> String {
    serde_json::Value::String(path.to_string_lossy().into_owned()).to_string()
}
