//! The attacker's kit: a running daemon with a small company behind it, somebody who attacks, somebody who is attacked,
//! what staff are shown, and the tally that every attack ends with.
//!
//! The company's store is an SQLite file and the state is the embedded default, so that an attack needs no servers. Mails
//! come in as files in a folder and leave to an SMTP server that keeps them with their envelopes. Where it matters who stands behind
//! a mail, the same attack also goes over the real way: SMTP to the company's mail server, a mailbox on a Dovecot that the
//! daemon reads over IMAP, signatures by a real signer and records on a name server.

mod aim;
mod letter;
mod party;
mod post_office;
mod shop;
mod staff;
mod strike;
mod tally;
mod target;

pub use aim::Aim;
pub use letter::{Attached, Letter, Standing};
pub use party::{Party, plain};
pub use shop::{MALLORY, NOBODY, PARENT, Rows, SECRETS, Shop, VICTIM, VICTIM_OLD, VICTIM_PHONE};
pub use staff::Staff;
pub use strike::Strike;
pub use tally::Tally;
pub use target::{OURS, Target};

use std::time::Duration;

/// The longest that anything in an attack may take.
pub const LIMIT: Duration = Duration::from_mins(3);
