use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "store_closing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store: String,
    pub closed_store: Option<String>,
    pub closed_at: i64,
    pub closed_by: String,
    pub reason: String,
    pub re_erased_at: Option<i64>,
    pub restored_to: Option<i64>,
    pub whole: bool,
    pub found: Option<String>,
    pub reopened_at: Option<i64>,
    pub reopened_by: Option<String>,
    pub reopen_reason: Option<String>,
    pub run_id: Option<Uuid>,
    pub run_began_at: Option<i64>,
    pub run_by: Option<String>,
    pub run_restored_to: Option<i64>,
    pub run_confirmed: Option<String>,
    pub run_until: Option<i64>,
    pub run_ended_at: Option<i64>,
    pub run_fault: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
