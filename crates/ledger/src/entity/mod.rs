//! The tables, one file each. Private to this crate: callers see domain types.

#![expect(unreachable_pub, reason = "the entity macros need public items")]

pub mod agent;
pub mod agent_package;
pub mod api_token;
pub mod approval;
pub mod audit;
pub mod audit_checkpoint;
pub mod batch;
pub mod challenge;
pub mod changed_contact;
pub mod erased_key;
pub mod erasure;
pub mod erasure_horizon;
pub mod form_answer;
pub mod hold;
pub mod hold_key;
pub mod inbox;
pub mod job;
pub mod job_hold;
pub mod mail;
pub mod mailbox;
pub mod outbox;
pub mod package;
pub mod paper;
pub mod paper_content;
pub mod paper_judgement;
pub mod receipt;
pub mod received_content;
pub mod received_mail;
pub mod request;
pub mod request_key;
pub mod review_decision;
pub mod review_finding;
pub mod store_closing;
pub mod task_report;
pub mod verification_attempt;
pub mod verification_step;
pub mod work;
