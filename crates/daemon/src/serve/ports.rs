//! What the API asks for.

mod anew;
mod contacts;
mod dead_letters;
mod further_keys;
mod guardians;
mod mailbox;
mod papers;
mod parts;
mod receive;
mod restored;
mod witness;

pub(super) use anew::AnewDoor;
pub(super) use contacts::StoreContacts;
pub(super) use dead_letters::QueueDeadLetters;
pub(super) use further_keys::StoreKeys;
pub(super) use guardians::GuardianDoor;
pub(crate) use mailbox::{MailDesk, MailDoor};
pub(super) use papers::PaperDoor;
pub(super) use parts::{QueuePart, StatePart};
pub(super) use receive::ApiDoor;
pub(super) use restored::Restored;
pub(super) use witness::AuditWitness;
