//! What the ledger's views look like as JSON. Only [`request::RequestJson::person`], and what is shown by itself with the look
//! recorded (findings, papers), can hold personal data.

pub(crate) mod finding;
pub(crate) mod hold;
pub(crate) mod identity;
pub(crate) mod job;
pub(crate) mod mail;
pub(crate) mod package;
pub(crate) mod page;
pub(crate) mod paper;
pub(crate) mod receipt;
pub(crate) mod received_mail;
pub(crate) mod request;
pub(crate) mod work;
