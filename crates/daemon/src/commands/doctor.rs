//! `habeas doctor`

use clap::Args;

use crate::{context::Context, doctor, failure::Failure, output::Report};

/// Check every part and say what is wrong and the fix.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Only what a health check of a container needs: the serving process answers that it is alive.
    #[arg(long)]
    quick: bool,
}

impl DoctorArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        if self.quick { doctor::quick(context).await } else { Box::pin(doctor::doctor(context)).await }
    }
}
