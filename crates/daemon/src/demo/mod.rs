//! The main job from beginning to end, for a small fictional company.

use std::path::PathBuf;

use crate::{context::Context, failure::Failure, output::Report};

pub(crate) async fn run(_: &Context, _: Option<PathBuf>, _: bool) -> Result<Report, Failure> {
    Err(Failure::usage("soon"))
}
