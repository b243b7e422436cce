//! `habeas vault rotate`

use habeas_ledger::Scope;
use habeas_vault::KeyRing;
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::Report,
    staff::{Staff, TokenArg},
};

/// Adds a wrapping key to the ring's file, in one step.
pub(super) async fn run(context: &Context, token: &TokenArg) -> Result<Report, Failure> {
    let staff = Staff::sign_in(context, token, Scope::Admin).await?;
    let path = staff.config.keyring();
    let (key, _) = KeyRing::update(&path, |ring| {
        Ok(ring.rotate_wrapping(context.entropy.as_ref(), context.clock.as_ref()))
    })?;
    let text = format!(
        "{} has a new wrapping key, {key}\nback it up, restart every process so that all know the key, then run \
         `habeas vault rewrap`",
        path.display()
    );
    Ok(Report::new(text, &json!({ "key": key, "keyring": path })))
}
