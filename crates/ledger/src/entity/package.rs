use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "package")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub request_id: Uuid,
    pub job_id: Uuid,
    pub object: String,
    pub sha256: Vec<u8>,
    pub bytes: i64,
    pub rows_held: i64,
    pub token_hash: Option<Vec<u8>>,
    pub expires_at: i64,
    pub downloads_left: i64,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
