//! The attacker's kit: a running daemon with a small company behind it, somebody who attacks, somebody who is attacked,
//! what staff are shown, and the tally that every attack ends with.
//!
//! The company's store is an SQLite file and the state is the embedded default, so that an attack needs no servers. Mails
//! come in as files in a folder and leave to an SMTP server that keeps them with their envelopes.

mod letter;
mod party;
mod shop;
mod staff;
mod strike;
mod tally;
mod target;

pub use letter::{Attached, Letter};
pub use party::{Party, plain};
pub use shop::{MALLORY, NOBODY, Rows, SECRETS, Shop, VICTIM, VICTIM_OLD, VICTIM_PHONE};
pub use staff::Staff;
pub use strike::Strike;
pub use tally::Tally;
pub use target::{OURS, Target};

use std::time::Duration;

/// The longest that anything in an attack may take.
pub const LIMIT: Duration = Duration::from_mins(1);
