//! `habeas demo`

use std::path::PathBuf;

use clap::Args;

use crate::{context::Context, demo, failure::Failure, output::Report};

/// Do the whole main job for a small fictional company, in this process, without any server.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The folder for everything that the demo makes; it must be new or empty. Default: a temporary one.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Stay up afterwards, with the API and the pages on 127.0.0.1, until interrupted.
    #[arg(long)]
    serve: bool,
}

impl DemoArgs {
    pub(crate) async fn run(self, context: &Context) -> Result<Report, Failure> {
        Box::pin(demo::run(context, self.keep, self.serve)).await
    }
}
