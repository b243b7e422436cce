//! How a database's schema stands to what this program knows.

use sea_orm_migration::{
    MigratorTrait, SchemaManager,
    sea_orm::{DatabaseConnection, DbErr, EntityTrait as _, QueryOrder as _},
    seaql_migrations::{Column, Entity as Step},
};

use crate::Migrator;

/// How a database's schema stands to the steps that this program knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The steps that the database lacks, in order.
    pub lacking: Vec<String>,
    /// The steps of a later release that the database has, in order. A program of the release before runs on them: see
    /// `README.md`.
    pub later: Vec<String>,
}

impl Standing {
    /// Looks at the database's own record of its steps. Makes nothing: the role that serves need not be allowed to make tables.
    pub async fn of(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let record = Migrator::migration_table_name().to_string();
        let taken: Vec<String> = if SchemaManager::new(db).has_table(record).await? {
            let steps = Step::find().order_by_asc(Column::Version).all(db).await?;
            steps.into_iter().map(|step| step.version).collect()
        } else {
            Vec::new()
        };
        let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
        let without = |all: &[String], some: &[String]| {
            all.iter().filter(|step| !some.contains(step)).cloned().collect()
        };
        Ok(Self { lacking: without(&known, &taken), later: without(&taken, &known) })
    }
}
