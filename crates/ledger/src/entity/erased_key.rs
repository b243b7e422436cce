use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "erased_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub lookup: Vec<u8>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub request_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
