use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub request_id: Uuid,
    pub job_id: Option<Uuid>,
    pub kind: String,
    pub dedupe: String,
    pub state: String,
    pub recipient: Option<Vec<u8>>,
    pub letter: Option<Vec<u8>>,
    pub created_at: i64,
    pub sent_at: Option<i64>,
    pub undelivered_at: Option<i64>,
    pub undelivered_status: Option<String>,
    pub undelivered_for_good: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
