use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "paper")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub request_id: Uuid,
    pub kind: String,
    pub state: String,
    pub asked_by: Option<String>,
    pub asked_at: Option<i64>,
    pub reason: Option<Vec<u8>>,
    pub challenge_id: Option<Uuid>,
    pub given_by: Option<String>,
    pub given_at: Option<i64>,
    pub media_type: Option<String>,
    pub size: Option<i64>,
    pub sha256: Option<Vec<u8>>,
    pub lookup: Option<Vec<u8>>,
    pub reused: bool,
    pub ends_at: i64,
    pub decided_at: Option<i64>,
    pub destroyed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
