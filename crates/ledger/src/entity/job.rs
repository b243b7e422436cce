use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub request_id: Uuid,
    pub right: String,
    pub state: String,
    pub outcome: Option<String>,
    pub policy: String,
    pub plan_hash: Option<Vec<u8>>,
    pub plan: Option<Vec<u8>>,
    pub unconfirmed: i64,
    pub grace: Option<i64>,
    pub noticed_at: Option<i64>,
    pub grace_until: Option<i64>,
    pub tasks_open: i64,
    pub tasks_parked: i64,
    pub tasks_held: i64,
    pub held_at: Option<i64>,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub planned_at: Option<i64>,
    pub taken_back_at: Option<i64>,
    pub copy_confirmed_at: Option<i64>,
    pub plan_withdrawn: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
