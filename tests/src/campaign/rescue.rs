//! How long the work of a dead worker lies about.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::{Value, json};

use super::{millis, percentile};
use crate::house::{Held, House};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The longest that is waited for somebody to take the work over.
const LIMIT: Duration = Duration::from_mins(1);

/// The times from a kill until another worker had taken over what the dead one held.
#[derive(Debug, Default)]
pub struct Rescue {
    took: Vec<Duration>,
    /// Pieces of work that nobody had taken over after a minute.
    pub abandoned: usize,
}

impl Rescue {
    /// Follows what was held at the time of a kill, each piece until it is known who held it: the dead one's is claimed
    /// once more, and a living worker's ends under the same claim or has its lease prolonged.
    pub(super) async fn follow(house: &House, held: Vec<Held>, killed: Instant) -> Result<Self> {
        let mut open: HashMap<String, Held> = held.into_iter().map(|one| (one.work.clone(), one)).collect();
        let mut rescue = Self::default();
        while !open.is_empty() && killed.elapsed() < LIMIT {
            let ids: Vec<String> = open.keys().cloned().collect();
            // The state database may be away for a moment, too.
            for now in house.held_now(&ids).await.unwrap_or_default() {
                let Some(then) = open.get(&now.work) else { continue };
                let taken_over = now.claims > then.claims;
                if taken_over {
                    rescue.took.push(killed.elapsed());
                }
                if taken_over || !now.running || now.until > then.until {
                    open.remove(&now.work);
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        rescue.abandoned = open.len();
        Ok(rescue)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        self.abandoned += other.abandoned;
    }

    /// How many pieces of work were taken over.
    pub const fn count(&self) -> usize {
        self.took.len()
    }

    /// The time within which this share of the work was taken over.
    pub fn percentile(&self, hundredths: usize) -> Duration {
        percentile(&self.sorted(), hundredths)
    }

    fn sorted(&self) -> Vec<Duration> {
        let mut took = self.took.clone();
        took.sort_unstable();
        took
    }

    /// The figures, in milliseconds.
    pub fn figures(&self) -> Value {
        let took = self.sorted();
        json!({
            "rescued": took.len(), "abandoned": self.abandoned, "p50_ms": millis(&took, 50),
            "p99_ms": millis(&took, 99), "longest_ms": millis(&took, 100),
        })
    }
}
