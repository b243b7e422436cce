use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "form_answer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub received_id: Uuid,
    pub recipient: Option<Vec<u8>>,
    pub language: String,
    pub state: String,
    pub attempts: i64,
    pub next_attempt_at: i64,
    pub lease_epoch: i64,
    pub lease_until: Option<i64>,
    pub created_at: i64,
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
