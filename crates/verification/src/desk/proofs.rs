use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use habeas_ledger::{Ledger, LedgerError, Presented, Proof};
use tokio::sync::oneshot;

use super::DeskError;

/// How many proofs one transaction takes at most.
const TOGETHER: usize = 64;

/// Uses challenges up. What comes while a transaction runs waits for it and shares the next one: a lone person waits
/// for nobody, and a thousand who press their buttons in the same second need some dozens of transactions.
#[derive(Debug)]
pub(super) struct Proofs {
    ledger: Ledger,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    asked: Vec<Asked>,
    /// Whether a task is at it.
    busy: bool,
}

#[derive(Debug)]
struct Asked {
    presented: Presented,
    answer: oneshot::Sender<Result<Proof, LedgerError>>,
}

impl Proofs {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self { ledger, waiting: Mutex::default() }
    }

    /// Uses what a person came with, also when their page goes away meanwhile.
    pub(super) async fn prove(self: &Arc<Self>, presented: Presented) -> Result<Proof, DeskError> {
        let (answer, answered) = oneshot::channel();
        if self.is_first(Asked { presented, answer }) {
            tokio::spawn(Arc::clone(self).work());
        }
        Ok(answered.await.map_err(|_| DeskError::TimedOut)??)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues up. Returns whether nobody is at work yet, which makes it the caller's turn to begin.
    fn is_first(&self, asked: Asked) -> bool {
        let mut waiting = self.waiting();
        waiting.asked.push(asked);
        !std::mem::replace(&mut waiting.busy, true)
    }

    async fn work(self: Arc<Self>) {
        let mut busy = Busy { proofs: self, over: false };
        while let Some(group) = busy.proofs.next() {
            busy.proofs.answer(group).await;
        }
        busy.over = true;
    }

    /// The next group; nothing, and nobody at work any more, when all are answered.
    fn next(&self) -> Option<Vec<Asked>> {
        let mut waiting = self.waiting();
        if waiting.asked.is_empty() {
            waiting.busy = false;
            return None;
        }
        let most = waiting.asked.len().min(TOGETHER);
        Some(waiting.asked.drain(..most).collect())
    }

    /// One that cannot be used, for a row that nobody can read, say, must not keep the others from theirs.
    async fn answer(&self, mut group: Vec<Asked>) {
        let presented: Vec<Presented> = group.iter().map(|asked| asked.presented).collect();
        match self.ledger.prove_all(&presented).await {
            Ok(proofs) => group.into_iter().zip(proofs).for_each(|(asked, proof)| asked.tell(Ok(proof))),
            Err(error) => match group.pop() {
                Some(only) if group.is_empty() => only.tell(Err(error)),
                last => self.answer_each(group.into_iter().chain(last)).await,
            },
        }
    }

    /// Those who have waited too long by then are gone, and are not worked for.
    async fn answer_each(&self, group: impl Iterator<Item = Asked>) {
        for asked in group.filter(|asked| !asked.answer.is_closed()) {
            let proof = self.ledger.prove_all(&[asked.presented]).await;
            asked.tell(proof.map(|mut proofs| proofs.pop().unwrap_or(Proof::NotValid)));
        }
    }
}

impl Asked {
    /// Somebody who has gone away finds it used when they come again.
    fn tell(self, proof: Result<Proof, LedgerError>) {
        let _ = self.answer.send(proof);
    }
}

/// Goes on with those who queue when a task is gone before its end, by a panic: nobody else would until the next one comes.
struct Busy {
    proofs: Arc<Proofs>,
    over: bool,
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut waiting = self.proofs.waiting();
        // Without a runtime nobody is left who could be answered.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if !waiting.asked.is_empty() => {
                drop(waiting);
                runtime.spawn(Arc::clone(&self.proofs).work());
            }
            _ => waiting.busy = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use habeas_domain::{Ids, SystemClock, SystemEntropy};
    use habeas_ledger::LedgerOptions;
    use habeas_vault::{CodeOptions, KeyRing, Vault};
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn whoever_queues_behind_a_task_that_panics_is_answered() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = habeas_test_support::state::sqlite(folder.path()).await.expect("a database");
        let db = LedgerOptions::new(url).open().await.expect("connections");
        let ring = KeyRing::generate(&SystemEntropy, &SystemClock);
        let vault = Vault::new(&ring, Arc::new(SystemEntropy), CodeOptions::default()).expect("a vault");
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
        let proofs = Arc::new(Proofs::new(Ledger::new(db, vault, ids)));
        let queue = || {
            let (answer, answered) = oneshot::channel();
            (proofs.is_first(Asked { presented: Presented::Challenge(Uuid::nil()), answer }), answered)
        };
        let (first, behind) = queue();
        assert!(first, "this one begins a task");
        let (second, last) = queue();
        assert!(!second, "and this one waits for it");
        let at_it = Busy { proofs: Arc::clone(&proofs), over: false };
        let panicked = tokio::spawn(async move {
            let _at_it = at_it;
            panic!("the task is gone");
        });
        assert!(panicked.await.is_err());
        for answered in [behind, last] {
            let answer = tokio::time::timeout(Duration::from_secs(20), answered).await;
            assert!(matches!(answer, Ok(Ok(Ok(Proof::NotValid)))), "{answer:?}");
        }
    }
}
