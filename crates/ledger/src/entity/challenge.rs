use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "challenge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub request_id: Uuid,
    pub purpose: String,
    pub job_id: Option<Uuid>,
    pub package_id: Option<Uuid>,
    pub token_hash: Option<Vec<u8>>,
    pub code_hash: Option<String>,
    pub link_expires_at: Option<i64>,
    pub code_expires_at: Option<i64>,
    pub tries_left: i64,
    pub created_at: i64,
    pub used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
