use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_finding")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub request_id: Uuid,
    pub hash: Vec<u8>,
    pub kind: String,
    pub state: String,
    pub key_name: Option<String>,
    pub store: Option<String>,
    pub collection: Option<String>,
    pub identifying: bool,
    pub allowed: i64,
    pub found: Option<Vec<u8>>,
    pub found_at: i64,
    pub decision: Option<String>,
    pub up_to: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
