//! One file per step, numbered in order.

#![expect(
    elided_lifetimes_in_paths,
    reason = "the signatures must match those that async-trait makes of the trait"
)]

pub(crate) mod m0001_requests;
pub(crate) mod m0002_work;
pub(crate) mod m0003_identity;
pub(crate) mod m0004_delivery;
pub(crate) mod m0005_audit;
pub(crate) mod m0008_received_mail;
pub(crate) mod m0009_undelivered;
pub(crate) mod m0010_evidence;
pub(crate) mod m0011_representation;
pub(crate) mod m0012_papers;
pub(crate) mod m0013_agents;
pub(crate) mod m0014_answered_mail;
pub(crate) mod m0016_children;
pub(crate) mod m0017_holds;
pub(crate) mod m0018_erasures;
pub(crate) mod m0019_mailboxes;
pub(crate) mod m0020_replies;
pub(crate) mod m0021_answered_strangers;
pub(crate) mod m0024_changed_contacts;
pub(crate) mod m0026_token_holders;
pub(crate) mod m0028_beginning;
pub(crate) mod m0030_re_erasing;
pub(crate) mod m0031_throttled;
pub(crate) mod m0032_withdrawn_plans;
pub(crate) mod m0033_findings;
pub(crate) mod m0034_legal_dates;
pub(crate) mod m0035_mails_without_a_last_day;
pub(crate) mod m0036_holds_to_widen;
pub(crate) mod m0037_review_causes;
pub(crate) mod m0038_holds_in_part;
