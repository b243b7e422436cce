//! What each right does to one store, as plain data: easy to show, and easy to turn into calls to a connector.

mod copy;
mod correction;
mod deletion;
mod lookup;

pub use copy::{CopyCollection, CopyField, CopyPlan};
pub use correction::{CorrectionPlan, CorrectionStep};
pub use deletion::{DeletionAction, DeletionPlan, DeletionStep, FieldEffect, KeepRule, PlanError, Remaining};
pub use lookup::{HeldKey, KeyLocation, Lookup, Standpoint};
