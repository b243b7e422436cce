//! How a database's schema stands to what this program knows.

use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{ConnectionTrait, DbErr},
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
    /// Looks at the database's own record of its steps.
    pub async fn of(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let taken: Vec<String> =
            Migrator::get_migration_models(db).await?.into_iter().map(|step| step.version).collect();
        let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
        let without = |all: &[String], some: &[String]| {
            all.iter().filter(|step| !some.contains(step)).cloned().collect()
        };
        Ok(Self { lacking: without(&known, &taken), later: without(&taken, &known) })
    }
}
