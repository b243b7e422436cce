//! The contract between Habeas and a data store.
//!
//! A store is asked for many people in one statement: a [`Selection`] names the rows by the key values of a
//! whole group, and each row comes back with the [`Owner`]s it belongs to. Three things are decided here once,
//! so that every connector gives the same answer: whom a row belongs to ([`Attribution`]), what an effect makes
//! of a value ([`rewriting`]), and whether a failure is worth a retry ([`StoreError`]).
//!
//! Everything that wraps a store (time limits, retries, limits, metrics, audit) is a [`DataStore`] itself; see
//! [`layers`].

pub mod attribution;
pub mod capabilities;
pub mod change;
pub mod changing;
pub mod condition;
pub mod error;
pub mod faulty;
pub mod keys;
pub mod layers;
pub mod memory;
pub mod reading;
pub mod report;
pub mod rewriting;
pub mod scan;
pub mod selection;
pub mod store;

pub use attribution::Attribution;
pub use capabilities::Capabilities;
pub use change::{Action, ChangeSet, EffectSalt, Replacement, Step};
pub use changing::{Changing, Decision};
pub use condition::RowCondition;
pub use error::{BoxError, StoreError, code};
pub use faulty::{FaultRates, FaultyStore};
pub use layers::{LayerOptions, layered};
pub use memory::MemoryStore;
pub use reading::Reading;
pub use report::{ChangeReport, Counts, StepReport};
pub use scan::{Place, Scan, ScanPage};
pub use selection::{Compare, FieldMatch, OwnedRow, Owner, Selection};
pub use store::{DataStore, RowStream};
