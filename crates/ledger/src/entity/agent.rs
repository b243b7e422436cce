use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub lookup: Vec<u8>,
    pub first_seen_at: i64,
    pub barred_at: Option<i64>,
    pub proven_at: Option<i64>,
    pub challenged_at: Option<i64>,
    pub paced_until: i64,
    pub reason: Option<String>,
    pub mandates_refused: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
