//! Any channel's submission becomes a screened request.
//!
//! [`Reception`] is the one desk behind every door: it screens what was handed in, counts the date that the law sets,
//! looks up who must agree, and has the ledger take it. The API and the command line call it directly;
//! [`QueueIntake`] takes what other systems publish to `habeas.intake`.

mod consumer;
mod measure;
mod reception;

pub use consumer::{IntakeOptions, QueueIntake};
pub use reception::{
    BatchLine, BatchTaken, Correctable, LineTaken, MailDoor, PolicyTable, ReceiveError, Reception,
    ReceptionError, ReceptionOptions,
};
