//! Requests as staff, ops and pages see them: everything but personal data.

mod assemble;
mod find;
mod job;
mod list;
mod mail;
mod parts;
mod person;
mod request;
mod waits_for;

pub use job::{ApprovalView, JobView, TaskView};
pub use list::RequestFilter;
pub(crate) use list::disputed;
pub use mail::MailView;
pub use request::RequestView;
pub use waits_for::WaitsFor;
