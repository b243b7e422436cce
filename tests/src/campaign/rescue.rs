//! How long the work of a dead worker lies about.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::{Value, json};

use crate::house::House;

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
    /// Follows what was held at the time of a kill. What a living worker held ends under the same claim, and what the
    /// dead one held is claimed once more.
    pub(super) async fn follow(house: &House, held: Vec<(String, i64)>, killed: Instant) -> Result<Self> {
        let mut open: HashMap<String, i64> = held.into_iter().collect();
        let mut rescue = Self::default();
        while !open.is_empty() && killed.elapsed() < LIMIT {
            let ids: Vec<String> = open.keys().cloned().collect();
            // The state database may be away for a moment, too.
            for (id, claims, running) in house.held_now(&ids).await.unwrap_or_default() {
                let Some(before) = open.get(&id).copied() else { continue };
                if claims > before {
                    rescue.took.push(killed.elapsed());
                }
                if claims > before || !running {
                    open.remove(&id);
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

    /// The time within which this share of the work was taken over.
    pub fn percentile(&self, hundredths: usize) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        let at = (took.len() * hundredths).div_ceil(100).saturating_sub(1);
        took.get(at).copied().unwrap_or_default()
    }

    /// The figures, in milliseconds.
    pub fn figures(&self) -> Value {
        let ms = |hundredths| u64::try_from(self.percentile(hundredths).as_millis()).unwrap_or(u64::MAX);
        json!({ "rescued": self.took.len(), "abandoned": self.abandoned, "p50_ms": ms(50), "p99_ms": ms(99) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_occurred() {
        let took = (1..=200).rev().map(Duration::from_millis).collect();
        let rescue = Rescue { took, abandoned: 0 };
        assert_eq!(rescue.percentile(50), Duration::from_millis(100));
        assert_eq!(rescue.percentile(99), Duration::from_millis(198));
        assert_eq!(Rescue::default().percentile(99), Duration::ZERO);
    }
}
