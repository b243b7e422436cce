use habeas_domain::{RequestId, TypedId};
use tokio::sync::{Mutex, MutexGuard};

/// Lets callers for one request go one after another, so that each sees the codes that the others were sent. Two
/// requests seldom share a turn.
#[derive(Debug)]
pub(super) struct Turns([Mutex<()>; Self::COUNT]);

impl Turns {
    const COUNT: usize = 64;

    /// Waits for the turn of `request`.
    pub(super) async fn of(&self, request: RequestId) -> Option<MutexGuard<'_, ()>> {
        // The last bits of a time-ordered id are random.
        let place = usize::try_from(request.uuid().as_u128() % 64).unwrap_or_default();
        match self.0.get(place) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}
