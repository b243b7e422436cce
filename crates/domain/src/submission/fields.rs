//! The fields of a submission and their limits, version 1. Reading and the schema both use these lists.

/// The submission itself.
pub(super) const SUBMISSION: &[&str] = &[
    "regime",
    "language",
    "channel",
    "received_at",
    "subject",
    "agent",
    "child",
    "rights",
    "corrections",
    "message",
    "external_reference",
];
/// `subject`.
pub(super) const SUBJECT: &[&str] = &["email", "name", "phone", "identifiers"];
/// `subject.identifiers[]`.
pub(super) const IDENTIFIER: &[&str] = &["key", "value"];
/// `agent`.
pub(super) const AGENT: &[&str] =
    &["name", "email", "organisation", "mandate", "reference", "valid_until", "sha256"];
/// `child`.
pub(super) const CHILD: &[&str] = &["age", "country", "guardian"];
/// `child.guardian`.
pub(super) const GUARDIAN: &[&str] = &["name", "email"];
/// `corrections[]`.
pub(super) const CORRECTION: &[&str] = &["category", "value", "type"];

/// The most identifiers.
pub(super) const MAX_IDENTIFIERS: usize = 20;
/// The most corrections.
pub(super) const MAX_CORRECTIONS: usize = 50;
/// The most characters of a message.
pub(super) const MAX_MESSAGE_CHARS: usize = crate::text::FreeText::MAX_CHARS;
/// The most characters of a reference.
pub(super) const MAX_REFERENCE_CHARS: usize = 200;
/// The most characters of a corrected text.
pub(super) const MAX_CORRECTED_CHARS: usize = 1_000;
/// How far `received_at` may lie ahead of our clock, in minutes: clocks differ.
pub(super) const MAX_AHEAD_MINUTES: i64 = 5;
/// How far `received_at` may lie back, in days.
pub(super) const MAX_AGE_DAYS: i64 = 400;
