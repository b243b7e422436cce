//! `habeas request evidence`

use clap::Args;
use habeas_domain::verification::{Method, Standing};
use habeas_ledger::{IdentityView, Scope};
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::{Report, details, moment, table},
    staff::{Staff, TokenArg, find_request},
};

/// Options of `request evidence`.
#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    /// Its id, or its reference.
    request: String,
}

impl EvidenceArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Approve).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let identity = staff.ledger.identity(view.id).await?;
        staff.ledger.record_seen(view.id, staff.actor, "evidence").await?;
        Ok(Report::new(text(context, &identity), &as_json(&identity)))
    }
}

/// What scripts read. The names are those of the API.
pub(super) fn as_json(identity: &IdentityView) -> serde_json::Value {
    let evidence: Vec<_> = identity
        .evidence
        .iter()
        .map(|one| {
            json!({
                "method": one.method, "outcome": one.outcome, "at": one.at, "by": one.by.to_string(),
                "note": one.note.as_ref().map(habeas_domain::text::FreeText::as_str),
            })
        })
        .collect();
    let (standing, missing) = match &identity.standing {
        Standing::Proven => ("proven", json!([])),
        Standing::Failed => ("failed", json!([])),
        Standing::Needs { missing } => ("needs", json!(missing)),
    };
    json!({
        "request": identity.request, "level": identity.policy.level, "enough": identity.policy.enough,
        "answers": identity.policy.answers, "callers": identity.policy.callers,
        "article": identity.policy.article, "standing": standing, "missing": missing, "evidence": evidence,
    })
}

pub(super) fn text(context: &Context, identity: &IdentityView) -> String {
    let set = |methods: &std::collections::BTreeSet<Method>| {
        methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(" + ")
    };
    let sets =
        |all: &[std::collections::BTreeSet<Method>]| all.iter().map(set).collect::<Vec<_>>().join(", or ");
    let standing = match &identity.standing {
        Standing::Proven => "proven".to_owned(),
        Standing::Failed => "failed: whoever holds what is on file says it is not theirs".to_owned(),
        Standing::Needs { missing } => format!("needs {}", sets(missing)),
    };
    let pairs = [
        ("level", format!("{} ({})", identity.policy.level.as_str(), identity.policy.article)),
        ("enough is", sets(&identity.policy.enough)),
        ("standing", standing),
    ];
    let rows = identity.evidence.iter().map(|one| {
        [
            one.method.to_string(),
            one.outcome.as_str().to_owned(),
            one.by.to_string(),
            moment(one.at),
            one.note.as_ref().map(|note| note.as_str().to_owned()).unwrap_or_default(),
        ]
    });
    let header = ["METHOD", "OUTCOME", "BY", "AT", "NOTE"];
    format!("{}\n{}", details(context, &pairs), table(context, header, rows.collect()))
}
