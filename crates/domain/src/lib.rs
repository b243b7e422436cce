//! The words of the field as types: requests, rights, jobs, tasks, their state machines, regimes and deadlines.
//!
//! This crate does no I/O and depends on nothing else of Habeas. Two promises live here and nowhere else:
//! no job starts before the person has proven who they are (see [`job`]), and personal data cannot be
//! printed by accident (see [`Personal`]).

pub mod acknowledgement;
pub mod actor;
pub mod address;
pub mod agent;
pub mod approval;
pub mod audit;
pub mod channel;
pub mod clock;
pub mod content_type;
pub mod data_file;
pub mod deadline;
pub mod destination;
pub mod effect;
pub mod entropy;
pub mod fault;
pub mod grace;
pub mod hold;
pub mod id;
pub mod job;
pub mod language;
pub mod language_tag;
pub mod letter;
pub mod links;
pub mod mail_choice;
pub mod outcome;
pub mod paper;
pub mod personal;
pub mod received_mail;
pub mod regime;
pub mod request;
pub mod review;
pub mod right;
pub mod schema;
pub mod staff_text;
pub mod store;
pub mod submission;
pub mod suggest;
pub mod text;
pub mod token_life;
pub mod transition;
pub mod typed_digits;
pub mod value;
pub mod verification;
pub mod wording;
mod words;
pub mod work;

pub use acknowledgement::{AcknowledgementRefused, ConfirmedBy};
pub use actor::Actor;
pub use address::{EmailAddress, PhoneNumber};
pub use agent::{AgentReason, AgentTerms};
pub use channel::Channel;
pub use clock::{Clock, ManualClock, SystemClock};
pub use data_file::DataFileError;
pub use deadline::{Calendar, Calendars, Deadline, Period};
pub use destination::{Destination, DestinationProblem};
pub use effect::Effect;
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use fault::{Fault, Retry};
pub use hold::{HeldKey, HeldKeyProblem};
pub use id::{
    AgentId, BatchId, ClosingId, HoldId, Ids, JobId, MailId, MessageId, PackageId, PaperId, ReErasingId,
    ReceivedMailId, RequestId, TokenId, TypedId, WorkId, WorkerId,
};
pub use job::JobState;
pub use language::Language;
pub use language_tag::LanguageTag;
pub use letter::{Bilingual, Letter};
pub use links::{Links, MalformedBaseUrl};
pub use mail_choice::MailChoice;
pub use outcome::Outcome;
pub use paper::{PaperKind, PaperState};
pub use personal::Personal;
pub use regime::{Regime, RegimeId, Regimes};
pub use request::RequestState;
pub use right::Right;
pub use staff_text::{ExtensionReason, Holder, RefusalNote, TokenName};
pub use store::{Category, CollectionName, FieldName, KeyName, SideName, StoreName};
pub use submission::{FieldProblem, Submission, SubmissionDefaults, submission_schema};
pub use text::{PersonName, clean_text, visible_text};
pub use token_life::{TokenLife, TokenLifeProblem};
pub use transition::IllegalTransition;
pub use typed_digits::typed_digits;
pub use value::{KeyValue, Value};
pub use work::{WorkKind, WorkState};
