//! `habeas audit checkpoint`

use std::{fs::OpenOptions, io::BufWriter, path::PathBuf};

use clap::Args;
use habeas_ledger::Scope;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Options of `audit checkpoint`.
#[derive(Debug, Args)]
pub(crate) struct CheckpointArgs {
    /// A new file. It holds ids and hashes, nothing about anybody.
    file: PathBuf,
}

impl CheckpointArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Operate).await?;
        let open = OpenOptions::new().write(true).create_new(true).open(&self.file);
        let file = open.map_err(|error| {
            Failure::usage(format!("cannot write the checkpoint to {}: {error}", self.file.display()))
                .fix("name a new file in a folder that exists")
        })?;
        let mut out = BufWriter::new(file);
        let checkpoint = staff.ledger.checkpoint(&mut out).await?;
        let text = format!("{}: {} chains, root {}", self.file.display(), checkpoint.chains, checkpoint.root);
        Ok(Report::new(text, &checkpoint))
    }
}
