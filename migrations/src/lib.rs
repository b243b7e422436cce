//! The schema of the state database, as a frozen history of steps.
//!
//! A step that has been released is never edited: a change is a new step that expands first (new columns are
//! nullable or have a default, so that the previous release still runs) and contracts in a later release.
//! Every step is tested up, down and up again on SQLite and on PostgreSQL. See `README.md`.
//!
//! Moments are microseconds since 1970 in 64-bit integers, so that both databases compare them alike and the
//! database's own clock can be used in the same statement.

mod columns;
mod standing;
mod steps;
mod up;

pub use sea_orm_migration::{MigratorTrait, sea_orm::DbErr};
pub use standing::Standing;
pub use up::up;

/// The migrator that knows every step, in order.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        vec![
            Box::new(steps::m0001_requests::Migration),
            Box::new(steps::m0002_work::Migration),
            Box::new(steps::m0003_identity::Migration),
            Box::new(steps::m0004_delivery::Migration),
            Box::new(steps::m0005_audit::Migration),
            Box::new(steps::m0008_received_mail::Migration),
            Box::new(steps::m0009_undelivered::Migration),
            Box::new(steps::m0010_evidence::Migration),
            Box::new(steps::m0011_representation::Migration),
            Box::new(steps::m0012_papers::Migration),
            Box::new(steps::m0013_agents::Migration),
            Box::new(steps::m0014_answered_mail::Migration),
            Box::new(steps::m0016_children::Migration),
            Box::new(steps::m0017_holds::Migration),
            Box::new(steps::m0018_erasures::Migration),
            Box::new(steps::m0019_mailboxes::Migration),
            Box::new(steps::m0020_replies::Migration),
            Box::new(steps::m0021_answered_strangers::Migration),
            Box::new(steps::m0024_changed_contacts::Migration),
            Box::new(steps::m0026_token_holders::Migration),
            Box::new(steps::m0028_beginning::Migration),
            Box::new(steps::m0030_re_erasing::Migration),
            Box::new(steps::m0031_throttled::Migration),
            Box::new(steps::m0032_withdrawn_plans::Migration),
            Box::new(steps::m0033_findings::Migration),
            Box::new(steps::m0034_legal_dates::Migration),
            Box::new(steps::m0035_mails_without_a_last_day::Migration),
            Box::new(steps::m0036_holds_to_widen::Migration),
            Box::new(steps::m0037_review_causes::Migration),
            Box::new(steps::m0038_holds_in_part::Migration),
        ]
    }
}
