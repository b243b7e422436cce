//! PostgreSQL, MySQL, MariaDB and SQLite as data stores.
//!
//! One engine does the work for all three; a dialect says how a database names, reads, compares and writes.
//! Identifiers come from the catalog of the database and are always quoted, values are always bound. A change set
//! is one transaction: rows are found and locked, given to their owners in Rust, changed by what identifies them,
//! and the number of changed rows must be the number that was decided.

mod dialect;
mod engine;
mod failure;
mod grouped;
mod listed;
mod mysql;
mod options;
mod parsing;
mod postgres;
mod spelling;
mod sqlite;
mod statement;
mod store;
mod table;

pub use options::{Driver, SqlOptions};
pub use store::SqlStore;
