//! Proving identity: what a law and the company ask for, what was shown, and the one judgement of both.
//!
//! A policy is data ([`VerificationPolicy`], in each regime's file). Whatever happens, whoever does it and in whichever
//! order, only [`judge`] says whether a person is who they say they are.

mod evidence;
mod judge;
mod method;
mod policy;
mod question;
mod rules;

pub use evidence::{Evidence, EvidenceOutcome, EvidenceRefused, UnknownEvidenceOutcome, admit};
pub use judge::{Standing, judge, may_be_looked_up};
pub use method::{Method, UnknownMethod};
pub use policy::{Level, NeverAsk, VerificationPolicy};
pub use question::{AskKind, Expected, Month, Typed};
pub use rules::VerificationRules;
