//! Acting on mails: each stored mail is read, and becomes a request, a proposal, part of a request, or is kept with the
//! reason why nothing was done.

mod act;
mod answer;
mod course;
mod due;
mod heartbeat;
mod options;
mod ports;
mod signs;
mod submission;
mod suspects;
mod undated;
mod work;

pub use answer::{Answerer, SendsForms};
pub use due::Laws;
pub use options::{ActOptions, MailboxRules};
pub use ports::{
    Arrived, Authenticated, Authenticates, Bounces, Intake, NotTaken, Ports, Reads, TakenMail, Threads,
};
pub use submission::{lacks_a_guardians_name, submission};
pub use work::MailWorker;
