//! Legal holds: nothing of a person on hold is deleted until the hold is lifted.
//!
//! A plan and a hold meet in the database: the keys of a planned deletion and those of the holds are kept as keyed
//! hashes, and whichever of the two commits second finds the other, because both take one lock first
//! ([`crate::unit::Unit::meet_holds`]). What a hold stops is moved to a state in which no worker can claim or enter it.

mod beside;
mod key;
mod lift;
mod meet;
mod place;
mod put_back;
mod rewrap;
mod row;
mod stop;
mod view;
mod whole;
mod widen;

pub use beside::{SharedWithHeld, StandingHolds};
pub use lift::HoldLifted;
pub(crate) use meet::{Met, no_hold};
pub use place::{HoldPlaced, NewHold};
pub use rewrap::RewrappedHolds;
pub use view::{HeldJobView, HoldEnd, HoldView};
pub use whole::HoldToWiden;
pub use widen::KeysMoved;

use habeas_domain::{HoldId, RequestId, TypedId};

/// The chain of a hold in the audit trail. It stands beside those of requests, and is checked and signed with them.
fn chain(hold: HoldId) -> RequestId {
    RequestId::from_uuid(hold.uuid())
}
