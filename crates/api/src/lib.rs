//! The HTTP API for staff, systems and operators: `/v1`, health checks, and the OpenAPI document that describes it.
//!
//! Handlers hold no workflow: they read the call, ask the ledger or one of the narrow traits that [`Ports`] holds, and say
//! what came of it. Every call but the health checks needs a token with the scope of its route. Every refusal is a
//! problem document (RFC 9457) that names the field and the fix, and never repeats a value.

mod as_file;
mod caller;
mod closed_bodies;
mod document;
mod fields;
mod guard;
mod health;
mod json;
mod limits;
mod options;
mod path_id;
mod ports;
mod problem;
mod problem_docs;
mod query;
mod read_json;
mod router;
mod routes;
mod schemas;
mod state;
mod words;

pub use health::{HealthOptions, Metrics, WriteMetrics, health};
pub use options::{ApiOptions, RateLimits};
pub use ports::{
    AcceptMail, BatchAnswer, BatchBody, Contacts, DeadLetter, DeadLetters, ExtendRules, FurtherKeys,
    Guardians, MailAgain, MailAgainRefused, MailedAgain, Papers, Part, Ports, ReErasure, Receive,
    ReceiveRefused, RestoredStores, Seen, Witness,
};
pub use problem::{FieldError, Problem, ProblemKind};
pub use router::{no_such_route, openapi, router};
