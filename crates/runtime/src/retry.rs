use std::time::Duration;

use habeas_domain::{Entropy, Fault, Retry};
use habeas_ledger::Next;

/// A night's backup or a day's rush is over by then.
const PATIENCE: Duration = Duration::from_hours(4);

/// How often and how soon failed work is tried again. The one place where a [`Retry`] is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The first delay; each further one is twice as long.
    pub first: Duration,
    /// The longest delay.
    pub longest: Duration,
    /// How many attempts before work is parked.
    pub attempts: u32,
    /// For how long a store may ask for a pause again and again before that counts as failing: nobody is told of what waits, and
    /// the legal date goes on.
    pub patience: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_mins(5),
            attempts: 8,
            patience: PATIENCE,
        }
    }
}

impl RetryPolicy {
    /// What becomes of work that failed with `fault` at its attempt number `attempt`, counted from 1, and was asked to pause
    /// again and again for `throttled` by now.
    pub fn decide(&self, fault: &Fault, attempt: u32, throttled: Duration, entropy: &dyn Entropy) -> Next {
        match fault.retry {
            Retry::Never => Next::Park,
            Retry::After(pause) if throttled < self.patience => Next::Retry { after: pause, counted: false },
            Retry::Later | Retry::After(_) if attempt >= self.attempts => Next::Park,
            Retry::Later => Next::Retry { after: self.delay(attempt, entropy), counted: true },
            Retry::After(pause) => {
                Next::Retry { after: self.delay(attempt, entropy).max(pause), counted: true }
            }
        }
    }

    /// Exponential, with jitter: between half and the whole of the nominal delay, so that work which failed
    /// together does not come back together.
    fn delay(&self, attempt: u32, entropy: &dyn Entropy) -> Duration {
        let doublings = attempt.saturating_sub(1).min(30);
        let nominal = self.first.saturating_mul(1 << doublings).min(self.longest);
        let mut random = [0_u8; 4];
        entropy.fill(&mut random);
        nominal.mul_f64(0.5 + f64::from(u32::from_be_bytes(random)) / f64::from(u32::MAX) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use habeas_domain::SeededEntropy;

    use super::*;

    fn after(next: Next) -> Duration {
        match next {
            Next::Retry { after, .. } => after,
            Next::Park => panic!("parked"),
        }
    }

    #[test]
    fn delays_grow_with_jitter_up_to_the_longest() {
        let (policy, entropy) =
            (RetryPolicy { attempts: 100, ..RetryPolicy::default() }, SeededEntropy::new(1));
        let fault = Fault::temporary("x", "x");
        for attempt in 1..60 {
            let nominal = Duration::from_secs(1_u64 << (attempt - 1).min(20)).min(policy.longest);
            let delay = after(policy.decide(&fault, attempt, Duration::ZERO, &entropy));
            assert!(delay >= nominal / 2 && delay <= nominal, "attempt {attempt}: {delay:?}");
        }
    }

    #[test]
    fn what_no_retry_mends_is_parked_at_once_and_the_rest_after_the_last_attempt() {
        let (policy, entropy) = (RetryPolicy::default(), SeededEntropy::new(1));
        assert_eq!(policy.decide(&Fault::permanent("x", "x"), 1, Duration::ZERO, &entropy), Next::Park);
        let temporary = Fault::temporary("x", "x");
        assert_eq!(policy.decide(&temporary, policy.attempts, Duration::ZERO, &entropy), Next::Park);
        let pause = Duration::from_secs(30);
        assert_eq!(
            policy.decide(&Fault::throttled("x", "x", pause), 99, Duration::from_hours(3), &entropy),
            Next::Retry { after: pause, counted: false }
        );
    }

    #[test]
    fn a_store_that_is_busy_for_hours_counts_as_failing() {
        let (policy, entropy) = (RetryPolicy::default(), SeededEntropy::new(1));
        let pause = Duration::from_secs(5);
        let busy = Fault::throttled("x", "x", pause);
        for attempt in 1..policy.attempts {
            let Next::Retry { after, counted } = policy.decide(&busy, attempt, policy.patience, &entropy)
            else {
                panic!("parked at attempt {attempt}");
            };
            assert!(counted && after >= pause, "attempt {attempt}: {after:?}");
        }
        assert_eq!(policy.decide(&busy, policy.attempts, policy.patience, &entropy), Next::Park);
    }
}
