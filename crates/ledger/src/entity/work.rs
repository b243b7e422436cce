use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "work")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub queue: String,
    pub request_id: Uuid,
    pub job_id: Option<Uuid>,
    pub target_id: Uuid,
    pub store: String,
    pub state: String,
    pub attempts: i64,
    pub next_attempt_at: i64,
    pub lease_epoch: i64,
    pub lease_until: Option<i64>,
    pub worker: Option<Uuid>,
    pub entered: bool,
    pub fault_code: Option<String>,
    pub fault_detail: Option<String>,
    pub created_at: i64,
    pub finished_at: Option<i64>,
    pub throttled_since: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
