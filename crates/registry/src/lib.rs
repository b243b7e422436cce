//! Store manifests: parsing, checking, and the plan of which keys find what, in which order.
//!
//! A **manifest** is one TOML file that says where a store is, what its collections and fields mean, and what
//! each right does to them. It goes through three checks before anybody's data is touched:
//!
//! 1. [`Manifest::parse`]: in itself. Gives every [`ManifestProblem`] at once, each with its line and the fix.
//! 2. [`Registry::load`]: together with the other manifests. A collection that no chain of keys reaches, or a
//!    key with two meanings, is refused.
//! 3. [`check_live`]: against the store's live schema. An effect that a column cannot take is refused here,
//!    so that no task finds it out half-way.
//!
//! What is left is the plan, as plain data: [`Registry::lookups`] for the resolve, and per right
//! [`Registry::access_plan`], [`Registry::portability_plan`], [`Registry::deletion_plan`] and
//! [`Registry::correction_plan`].

mod address;
pub mod ask;
pub mod collection;
pub mod driver;
mod effect_words;
pub mod field;
pub mod finding;
mod fingerprint;
mod followers;
mod in_itself;
pub mod keep;
pub mod key_rules;
pub mod limits;
pub mod live;
pub mod load;
pub mod manifest;
pub mod order;
pub mod period;
pub mod place;
pub mod plan;
pub mod problem;
mod reach;
mod read;
mod reason;
pub mod registry;
mod role;
mod sides;
pub mod store_url;
mod suggest;
mod whole;
mod whose_contact;
mod whose_key;

pub use ask::Ask;
pub use collection::Collection;
pub use driver::Driver;
pub use field::{Field, Meaning};
pub use finding::{Code, Finding, Severity};
pub use followers::followers;
pub use keep::Keep;
pub use key_rules::{Compare, KeyRules, START_KEY};
pub use limits::Limits;
pub use live::check_live;
pub use load::RegistryError;
pub use manifest::Manifest;
pub use order::{Cycle, DeletionOrder, Untie, deletion_order};
pub use period::{Period, Unit};
pub use place::Place;
pub use plan::{
    CopyCollection, CopyField, CopyPlan, CorrectionPlan, CorrectionStep, DeletionAction, DeletionPlan,
    DeletionStep, FieldEffect, HeldKey, KeepRule, KeyLocation, Lookup, PlanError, Remaining, Standpoint,
};
pub use problem::ManifestProblem;
pub use registry::Registry;
pub use role::{Controller, Role};
pub use store_url::{StoreUrl, UrlError};
