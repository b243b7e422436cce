//! Mails that come in: stored before anybody else is told, read under a lease, decided once, kept until their
//! retention is over.

mod bulk;
mod claim;
mod copies;
mod decide;
mod delivery;
mod form_answer;
mod leased;
mod look;
mod mailbox;
mod purge;
mod reply;
mod rewrap;
mod row;
mod staff;
mod store;
mod texts;
mod undated;
mod view;
mod waiting;
mod writer;

pub use bulk::{MOST_MAILS_AT_ONCE, ManyMails};
pub use claim::{ClaimedMail, MailLease, PutBack};
pub use decide::{ForStaff, MailDecision, MailReading, MailVerdict};
pub use delivery::{MailDelivery, WholeMail};
pub use form_answer::{FormAnswer, FormEnd, FormLease, FormOrder};
pub use look::ReceivedMailFilter;
pub use mailbox::{MailboxPlace, MailboxPosition, MailboxStanding, OpenMailbox, mailbox_standings};
pub use rewrap::RewrappedMails;
pub use store::{MailContent, MailPlace, NewReceivedMail, StoredMail};
pub use view::{ReadReceivedMail, ReceivedMailView};
pub use waiting::{MailNearDue, WaitingMails, WaitingState};
