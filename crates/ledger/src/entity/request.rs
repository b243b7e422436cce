use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub reference: String,
    pub state: String,
    pub outcome: Option<String>,
    pub regime: String,
    pub language: String,
    pub channel: String,
    pub submitted_by: String,
    pub subject_lookup: Vec<u8>,
    pub duplicate_of: Option<Uuid>,
    pub idempotency_key: Option<String>,
    pub fingerprint: Vec<u8>,
    pub wrapped_key: Option<Vec<u8>>,
    pub personal: Option<Vec<u8>>,
    pub keys: Option<Vec<u8>>,
    pub review_reason: Option<String>,
    pub review_cause: Option<String>,
    pub received_at: i64,
    pub verified_at: Option<i64>,
    pub due_on: String,
    pub due_at: i64,
    pub lapse_at: i64,
    pub extensions: i64,
    pub alerts: i64,
    pub jobs_open: i64,
    pub disputed_at: Option<i64>,
    pub dispute_settled_at: Option<i64>,
    pub agent_id: Option<Uuid>,
    pub mandate_lookup: Option<Vec<u8>>,
    pub mandate_reused: bool,
    pub agent_waits: bool,
    pub receipt_owed: bool,
    pub agent_stopped_at: Option<i64>,
    pub agent_ended_at: Option<i64>,
    pub agent_receives_at: Option<i64>,
    pub mandate_ends_at: Option<i64>,
    pub mandate_digest: Option<Vec<u8>>,
    pub batch_id: Option<Uuid>,
    pub closed_at: Option<i64>,
    pub asked_in: Option<Vec<u8>>,
    pub verification: Option<String>,
    pub evidence: Option<Vec<u8>>,
    pub papers: i64,
    pub guardian: Option<String>,
    pub also_proven: Option<Vec<u8>>,
    pub halted_at: Option<i64>,
    pub alert_on: Option<String>,
    pub alert_at: Option<i64>,
    pub acknowledge_by: Option<String>,
    pub acknowledge_at: Option<i64>,
    pub acknowledged_at: Option<i64>,
    pub acknowledge_told_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
