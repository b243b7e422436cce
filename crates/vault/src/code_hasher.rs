//! Hashing codes without letting guesses take the machine.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use argon2::{Block, Params};
use habeas_domain::Entropy;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use crate::{Code, CodeHash, CodeOptions, VaultError, secret::Secret};

/// Runs Argon2id on blocking threads, only a few at once.
#[derive(Debug)]
pub(crate) struct CodeHasher {
    options: CodeOptions,
    params: Params,
    turns: Arc<Semaphore>,
    /// The memory of hashes that are done, for those to come: never more of them than turns. Memory that is given back on
    /// one of hundreds of blocking threads would stay with that thread's heap.
    memory: Arc<Mutex<Vec<Memory>>>,
    /// How many were begun.
    runs: AtomicU64,
}

/// What one hash works in.
pub(crate) type Memory = Vec<Block>;

impl CodeHasher {
    pub(crate) fn new(options: CodeOptions) -> Result<Self, VaultError> {
        let turns = Arc::new(Semaphore::new(options.parallel.max(1)));
        Ok(Self {
            options,
            params: options.cost.params()?,
            turns,
            memory: Arc::default(),
            runs: AtomicU64::new(0),
        })
    }

    pub(crate) async fn hash(
        &self,
        code: &Code,
        pepper: &Secret,
        entropy: &dyn Entropy,
    ) -> Result<CodeHash, VaultError> {
        let mut salt = [0; CodeHash::SALT_LEN];
        entropy.fill(&mut salt);
        let (code, pepper, params) = (code.clone(), pepper.clone(), self.params.clone());
        self.in_turn(move |memory| CodeHash::compute(&code, &pepper, &params, salt, memory)).await
    }

    pub(crate) async fn verify(
        &self,
        code: &Code,
        hash: &CodeHash,
        pepper: &Secret,
    ) -> Result<bool, VaultError> {
        let (code, hash, pepper) = (code.clone(), hash.clone(), pepper.clone());
        self.in_turn(move |memory| hash.verify(&code, &pepper, memory)).await
    }

    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// The permit travels with the work: a caller who goes away does not let the next one in early.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let turn = self.turn().await?;
        self.runs.fetch_add(1, Ordering::Relaxed);
        let memories = Arc::clone(&self.memory);
        let task = spawn_blocking(move || {
            let kept = || memories.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = kept().pop().unwrap_or_default();
            let result = work(&mut memory);
            kept().push(memory);
            drop(turn);
            result
        });
        task.await.map_err(|_| VaultError::Interrupted)?
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, VaultError> {
        let waiting = timeout(self.options.patience, Arc::clone(&self.turns).acquire_owned());
        waiting.await.map_err(|_| VaultError::Busy)?.map_err(|_| VaultError::Interrupted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodeCost;
    use habeas_domain::SeededEntropy;
    use std::time::Duration;

    fn hasher(patience: Duration) -> CodeHasher {
        let cost = CodeCost { memory_kib: 8, passes: 1, lanes: 1 };
        CodeHasher::new(CodeOptions { cost, parallel: 1, patience }).unwrap()
    }

    #[tokio::test]
    async fn a_guess_that_finds_no_turn_fails_as_busy() {
        let hasher = hasher(Duration::from_millis(5));
        let code = Code::parse("01234567").unwrap();
        let held = hasher.turn().await.unwrap();
        let busy = hasher.hash(&code, &Secret::blank(), &SeededEntropy::new(1)).await.unwrap_err();
        assert!(matches!(busy, VaultError::Busy));
        drop(held);
        hasher.hash(&code, &Secret::blank(), &SeededEntropy::new(1)).await.unwrap();
    }

    #[tokio::test]
    async fn a_caller_who_goes_away_keeps_the_turn_until_the_work_ends() {
        let hasher = hasher(Duration::from_millis(5));
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let work = hasher.in_turn(move |_memory| {
            let _ = started.send(());
            released.recv().map_err(|_| VaultError::Interrupted)
        });
        tokio::select! {
            result = work => panic!("the work cannot end yet: {result:?}"),
            signal = has_started => signal.unwrap(),
        }
        assert!(matches!(hasher.turn().await, Err(VaultError::Busy)));
        release.send(()).unwrap();
    }

    #[test]
    fn an_impossible_cost_is_refused_at_once() {
        let cost = CodeCost { memory_kib: 1, passes: 1, lanes: 1 };
        let options = CodeOptions { cost, ..CodeOptions::default() };
        assert!(matches!(CodeHasher::new(options), Err(VaultError::CodeCost)));
    }
}
