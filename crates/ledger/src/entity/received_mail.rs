use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "received_mail")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub mailbox: String,
    pub folder: Option<String>,
    pub uidvalidity: Option<i64>,
    pub uid: Option<i64>,
    pub digest: Option<Vec<u8>>,
    pub message_lookup: Option<Vec<u8>>,
    pub sender_lookup: Option<Vec<u8>>,
    pub wrapped_key: Option<Vec<u8>>,
    pub note: Option<Vec<u8>>,
    pub bytes: i64,
    pub state: String,
    pub verdict: Option<String>,
    pub authentication: Option<String>,
    pub reason: Option<String>,
    pub request_id: Option<Uuid>,
    pub attempts: i64,
    pub next_attempt_at: i64,
    pub lease_epoch: i64,
    pub lease_until: Option<i64>,
    pub received_at: i64,
    pub stored_at: i64,
    pub told_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub answered_at: Option<i64>,
    pub written_by: Option<String>,
    pub delivery: Option<Vec<u8>>,
    pub unread_since: Option<i64>,
    pub says: Option<String>,
    pub due_at: Option<i64>,
    pub due_told_at: Option<i64>,
    pub put_off: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
