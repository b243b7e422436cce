//! From the words of verification to those of the pages.

use habeas_console::{AskedFor, HandedIn, Proof};
use habeas_domain::{Fault, verification::Typed};
use habeas_ledger::{LedgerError, Purpose};
use habeas_vault::Code;
use habeas_verification::{
    DeskError, StopStanding,
    methods::{self, Offered},
};

/// What a challenge proves; a download proves nothing on a page.
pub(super) const fn proof(purpose: Purpose) -> Option<Proof> {
    match purpose {
        Purpose::Identity => Some(Proof::Identity),
        Purpose::NewAddress => Some(Proof::NewAddress),
        Purpose::Guardian => Some(Proof::Guardian),
        Purpose::Agent => Some(Proof::Agent),
        Purpose::AgentEnd => Some(Proof::AgentEnd),
        Purpose::Phone
        | Purpose::OnFile
        | Purpose::Another
        | Purpose::Download
        | Purpose::AgentDownload
        | Purpose::Stop
        | Purpose::Paper => None,
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

/// What a page asks for.
pub(super) fn asked_for(offered: Offered) -> AskedFor {
    match offered {
        Offered::Code => AskedFor::Code,
        Offered::Questions(questions) => AskedFor::Answers(questions),
        Offered::Statement => AskedFor::Declaration,
        Offered::SignIn(url) => AskedFor::SignIn(url),
    }
}

/// What a person handed in; nothing if it cannot be one of those.
pub(super) fn presented(handed_in: HandedIn) -> Option<methods::HandedIn> {
    Some(match handed_in {
        HandedIn::Code(code) => methods::HandedIn::Code(Code::parse(code.expose()).ok()?),
        HandedIn::Answers(answers) => {
            methods::HandedIn::Answers(answers.iter().map(|answer| Typed::new(answer.expose())).collect())
        }
        HandedIn::Declared => methods::HandedIn::Declared,
        HandedIn::SignIn(token) => methods::HandedIn::SignIn(token),
    })
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
