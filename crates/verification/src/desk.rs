//! What the person's pages ask for. No HTTP here. What only looks changes nothing; what may change something a page
//! calls for a POST only, since mail scanners fetch every link they see. The one exception is [`Desk::redeem`], whose
//! secret is in no mail.

mod answers;
mod codes;
mod downloads;
mod identity;
mod links;
mod on_file;
mod proofs;
mod turns;

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use habeas_domain::{RequestId, verification::Method};
use habeas_ledger::{Guessed, Ledger, LedgerError, OpenRequest, Presented, Proof};
use habeas_vault::{Token, TokenHash};
use tokio::time::{sleep, timeout};

pub use answers::{CodeAnswer, Confirmation, DeskError, DownloadAnswer, LinkState, PackagePage, Whose};
pub use identity::{SecondStep, Shown};
pub use on_file::{Another, OnFileAnswer};
use proofs::Proofs;
use turns::Turns;

use crate::{Challenges, RenewLinks, methods::Way};

/// The desk that the person comes to. Cheap to clone; clones share their turns and their transactions.
#[derive(Clone)]
pub struct Desk {
    ledger: Ledger,
    challenges: Challenges,
    turns: Arc<Turns>,
    proofs: Arc<Proofs>,
    ways: Arc<Vec<Arc<dyn Way>>>,
    looks_up: bool,
    asks_anew: bool,
    staff_judge: BTreeSet<Method>,
    renew: Option<Arc<dyn RenewLinks>>,
}

impl Desk {
    /// A desk over `ledger` that sends what `challenges` makes.
    pub fn new(ledger: Ledger, challenges: Challenges) -> Self {
        let proofs = Arc::new(Proofs::new(ledger.clone()));
        let turns = Arc::default();
        let ways = Arc::default();
        Self {
            ledger,
            challenges,
            turns,
            proofs,
            ways,
            looks_up: false,
            asks_anew: false,
            staff_judge: BTreeSet::from([Method::CallBack, Method::Document]),
            renew: None,
        }
    }

    /// The same desk, with these ways to show more than that an address is one's own.
    #[must_use]
    pub fn with_ways(self, ways: Vec<Arc<dyn Way>>) -> Self {
        Self { ways: Arc::new(ways), ..self }
    }

    /// The same desk, where staff can judge these methods and no other: what nobody can give here is offered to nobody.
    #[must_use]
    pub fn with_staff_judging(self, methods: BTreeSet<Method>) -> Self {
        Self { staff_judge: methods, ..self }
    }

    /// The same desk, where somebody whom nothing fits can name something else that they are known by; `anew` says whether also
    /// after their request was confirmed, when it leads to a request of its own. A [`crate::LookUpWorker`] looks it up: the desk
    /// asks no store, so that no answer of its is slower or fails for whom the stores know.
    #[must_use]
    pub fn looking_up(self, anew: bool) -> Self {
        Self { looks_up: true, asks_anew: anew, ..self }
    }

    /// The same desk, where a link to a package that somebody guesses behind ends, and a new one is mailed.
    #[must_use]
    pub fn with_renewals(self, renew: Arc<dyn RenewLinks>) -> Self {
        Self { renew: Some(renew), ..self }
    }

    pub(crate) async fn prove(&self, presented: Presented) -> Result<Proof, DeskError> {
        self.proofs.prove(presented).await
    }

    /// The request of that id with its personal part, if it is there and not erased.
    pub(crate) async fn open(&self, request: RequestId) -> Result<Option<OpenRequest>, DeskError> {
        match self.ledger.open_request(request).await {
            Ok(open) => Ok(Some(open)),
            Err(LedgerError::NotFound(_) | LedgerError::Erased) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells staff that somebody guessed.
    async fn guessed(&self, request: RequestId, of: Guessed) -> Result<(), DeskError> {
        note_guessing(&self.ledger, request, of).await
    }

    fn agent_pace(&self) -> TimeDelta {
        TimeDelta::from_std(self.challenges.options().agent_pace).unwrap_or(TimeDelta::zero())
    }

    /// `work`, within the limit.
    async fn within<T>(&self, work: impl Future<Output = Result<T, DeskError>>) -> Result<T, DeskError> {
        timeout(self.challenges.options().answer_within, work).await.map_err(|_| DeskError::TimedOut)?
    }

    /// `work`, within the limit and never sooner than the pace, so that the time taken tells nothing about it.
    async fn paced<T>(&self, work: impl Future<Output = Result<T, DeskError>>) -> Result<T, DeskError> {
        let pace = sleep(self.challenges.options().answer_after);
        let (answer, ()) = tokio::join!(self.within(work), pace);
        answer
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let methods: Vec<_> = self.ways.iter().map(|way| way.method()).collect();
        f.debug_struct("Desk")
            .field("challenges", &self.challenges)
            .field("methods", &methods)
            .finish_non_exhaustive()
    }
}

/// The stored form of a token that a page was opened with; nothing if it cannot be one.
pub(crate) fn presented(token: &str) -> Option<TokenHash> {
    Token::parse(token).ok().map(|token| token.hash())
}

/// Notes on a request, once a day, that somebody guessed until no try was left.
pub(crate) async fn note_guessing(ledger: &Ledger, request: RequestId, of: Guessed) -> Result<(), DeskError> {
    if ledger.note_guessing(request, of).await? {
        metrics::counter!("habeas_guessing_total", "of" => of.as_str()).increment(1);
        tracing::warn!(%request, of = of.as_str(), "somebody guessed until no try was left");
    }
    Ok(())
}

fn count(step: &'static str, outcome: &'static str) {
    metrics::counter!("habeas_verification_total", "step" => step, "outcome" => outcome).increment(1);
}
