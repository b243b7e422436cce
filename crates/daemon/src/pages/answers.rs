//! From the words of verification to those of the pages.

use habeas_console::Proof;
use habeas_domain::Fault;
use habeas_ledger::{LedgerError, Purpose};
use habeas_verification::{DeskError, StopStanding};

/// What a challenge proves; a download proves nothing on a page.
pub(super) const fn proof(purpose: Purpose) -> Option<Proof> {
    match purpose {
        Purpose::Identity => Some(Proof::Identity),
        Purpose::NewAddress => Some(Proof::NewAddress),
        Purpose::Download | Purpose::Stop => None,
    }
}

/// What the page behind a warning's link shows; nothing once the link has ended.
pub(super) const fn objection(standing: StopStanding) -> Option<Proof> {
    match standing {
        StopStanding::Open => Some(Proof::Stop),
        StopStanding::Stopped => Some(Proof::Stopped),
        StopStanding::TooLate => Some(Proof::StopTooLate),
        StopStanding::Ended => None,
    }
}

/// As a failure that the page shows in its own words.
pub(super) fn desk_fault(error: DeskError) -> Fault {
    match error {
        DeskError::Ledger(error) => error.into(),
        other => {
            let retry = other.retry();
            Fault { code: "verification".to_owned(), detail: other.to_string(), retry }
        }
    }
}

/// What is not there is no failure of a page.
pub(super) fn if_there<T>(found: Result<T, LedgerError>) -> Result<Option<T>, Fault> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(LedgerError::NotFound(_) | LedgerError::Erased) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
