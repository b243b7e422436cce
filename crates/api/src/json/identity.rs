use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use habeas_domain::{
    RequestId,
    verification::{Evidence, EvidenceOutcome, Level, Method, Standing},
};
use habeas_ledger::IdentityView;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas;

/// How a person stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StandingWord {
    /// They are who they say they are.
    Proven,
    /// More has to be shown.
    Needs,
    /// Whoever holds what is on file said that the request is not theirs.
    Failed,
}

/// What proof of identity a request takes, and what was shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Identity)]
pub(crate) struct IdentityJson {
    /// Which request.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
    /// How sure the company has to be.
    #[schema(schema_with = schemas::level)]
    level: Level,
    /// Sets of methods; every method of one set is enough.
    #[schema(schema_with = schemas::methods)]
    enough: Vec<BTreeSet<Method>>,
    /// How many questions about recent dealings have to be answered rightly.
    answers: u32,
    /// How many different members of staff have to have called back.
    callers: u32,
    /// The article.
    article: String,
    /// How the person stands.
    standing: StandingWord,
    /// What is missing, the shortest set first; empty unless more is needed.
    #[schema(schema_with = schemas::methods)]
    missing: Vec<BTreeSet<Method>>,
    /// What was shown, oldest first.
    evidence: Vec<EvidenceJson>,
}

/// Something that speaks for or against a person being who they say they are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub(crate) struct EvidenceJson {
    /// How it was shown.
    #[schema(schema_with = schemas::method)]
    method: Method,
    /// What came of it.
    #[schema(schema_with = schemas::evidence_outcome)]
    outcome: EvidenceOutcome,
    /// When.
    at: DateTime<Utc>,
    /// Who showed it, or judged it.
    #[schema(schema_with = schemas::actor)]
    by: String,
    /// What staff noted. May hold personal data.
    note: Option<String>,
}

impl From<Evidence> for EvidenceJson {
    fn from(one: Evidence) -> Self {
        Self {
            method: one.method,
            outcome: one.outcome,
            at: one.at,
            by: one.by.to_string(),
            note: one.note.map(|note| note.as_str().to_owned()),
        }
    }
}

impl From<IdentityView> for IdentityJson {
    fn from(view: IdentityView) -> Self {
        let (standing, missing) = match view.standing {
            Standing::Proven => (StandingWord::Proven, Vec::new()),
            Standing::Failed => (StandingWord::Failed, Vec::new()),
            Standing::Needs { missing } => (StandingWord::Needs, missing),
        };
        Self {
            request: view.request,
            level: view.policy.level,
            enough: view.policy.enough,
            answers: view.policy.answers,
            callers: view.policy.callers,
            article: view.policy.article,
            standing,
            missing,
            evidence: view.evidence.into_iter().map(Into::into).collect(),
        }
    }
}
