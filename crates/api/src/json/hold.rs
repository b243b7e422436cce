use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{HoldId, JobId, JobState, RequestId, Right, text::TextRule};
use habeas_ledger::{HeldJobView, HoldView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    fields::{Fields, FromFields},
    schemas,
};

/// The longest reason and note, in characters.
pub(crate) const PROSE: TextRule = TextRule::lines(4_000);

/// A key of a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldKey)]
pub(crate) struct KeyJson {
    /// Which key, as manifests call it: `email`, or any that a store finds people by.
    #[schema(example = "email")]
    pub(crate) key: String,
    /// Its value.
    #[schema(example = "hanako@example.jp")]
    pub(crate) value: String,
}

impl FromFields for KeyJson {
    const KNOWN: &'static [&'static str] = &["key", "value"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let key = fields.required_prose("key", TextRule::line(100));
        let value = fields.required_prose("value", TextRule::line(1_000));
        Some(Self { key: key?, value: value? })
    }
}

/// A job in whose way a hold stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldJob)]
pub(crate) struct HeldJobJson {
    /// The job.
    #[schema(schema_with = schemas::id)]
    job: JobId,
    /// Its request.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
    /// The right that it fulfils.
    #[schema(schema_with = schemas::right)]
    right: Right,
    /// Where it stands.
    #[schema(schema_with = schemas::job_state)]
    state: JobState,
}

impl From<HeldJobView> for HeldJobJson {
    fn from(view: HeldJobView) -> Self {
        Self { job: view.job, request: view.request, right: view.right, state: view.state }
    }
}

/// A hold as it is listed: whom it is about is shown one by one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
pub(crate) struct HoldJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: HoldId,
    /// Who placed it.
    #[schema(schema_with = schemas::actor)]
    placed_by: String,
    /// When.
    placed_at: DateTime<Utc>,
    /// The day on which somebody is to look whether it is still needed.
    review_on: Option<NaiveDate>,
    /// When it was lifted.
    lifted_at: Option<DateTime<Utc>>,
    /// Who lifted it.
    #[schema(schema_with = schemas::maybe_actor)]
    lifted_by: Option<String>,
    /// Whether the stores were asked for the further keys of the person. Until they have answered it is about the keys that were
    /// typed alone, and they are asked again every minute.
    whole: bool,
    /// The requests that it names.
    #[schema(schema_with = schemas::ids)]
    requests: Vec<RequestId>,
    /// The jobs in whose way it stands now.
    jobs: Vec<HeldJobJson>,
}

impl From<HoldView> for HoldJson {
    fn from(view: HoldView) -> Self {
        let end = view.lifted.as_ref();
        Self {
            id: view.id,
            placed_by: view.placed_by.to_string(),
            placed_at: view.placed_at,
            review_on: view.review_on,
            lifted_at: end.map(|end| end.at),
            lifted_by: end.map(|end| end.by.to_string()),
            whole: view.whole,
            requests: view.requests,
            jobs: view.jobs.into_iter().map(Into::into).collect(),
        }
    }
}
