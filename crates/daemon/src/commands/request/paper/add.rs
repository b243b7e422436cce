//! `habeas request paper add`

use std::{io::Read as _, path::PathBuf};

use clap::Args;
use habeas_domain::{PaperKind, Personal, paper::LARGEST};
use habeas_ledger::Scope;

use super::{desk_of, report};
use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request paper add`.
#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// The request's id, or its reference.
    request: String,
    /// What it is to show.
    #[arg(long, value_parser = crate::cli::values::words(&PaperKind::ALL, PaperKind::as_str))]
    kind: PaperKind,
    /// The file: a PDF, or a photograph as JPEG, PNG, WebP or HEIC.
    file: PathBuf,
}

impl AddArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let file = self.read()?;
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let paper = desk_of(context, &staff)?.add(view.id, self.kind, &file, staff.actor).await?;
        Ok(report(context, &paper))
    }

    /// One byte more than is taken, so that a larger file is noticed and not cut off.
    fn read(&self) -> Result<Personal<Vec<u8>>, Failure> {
        let mut content = Vec::new();
        let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
        std::fs::File::open(&self.file)
            .and_then(|file| file.take(most).read_to_end(&mut content))
            .map_err(|error| Failure::usage(format!("cannot read {}: {error}", self.file.display())))?;
        Ok(Personal::new(content))
    }
}
