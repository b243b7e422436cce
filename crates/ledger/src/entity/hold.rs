use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "hold")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub placed_by: String,
    pub placed_at: i64,
    pub review_on: Option<String>,
    pub wrapped_key: Vec<u8>,
    pub matter: Vec<u8>,
    pub lifted_at: Option<i64>,
    pub lifted_by: Option<String>,
    pub lift_note: Option<Vec<u8>>,
    pub ask_stores_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
