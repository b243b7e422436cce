use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "task_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub work_id: Uuid,
    pub job_id: Uuid,
    pub store: String,
    pub rows_done: i64,
    pub report: Vec<u8>,
    pub object: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
