//! Steps that run one after the other, timed, until the first that fails.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// A named piece of work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// What it is called in the output.
    pub(crate) name: &'static str,
    /// The work.
    pub(crate) work: fn() -> Result<()>,
}

/// Runs the steps in order, and prints how long each took.
pub(crate) fn run(steps: &[Step]) -> Result<()> {
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (number, step) in (1..).zip(steps) {
        println!("==> {number}/{}: {}", steps.len(), step.name);
        let start = Instant::now();
        (step.work)()
            .with_context(|| format!("step {:?} failed after {}", step.name, shown(start.elapsed())))?;
        times.push((step.name, start.elapsed()));
    }
    println!("==> all passed");
    for (name, time) in times {
        println!("{:>9}  {name}", shown(time));
    }
    Ok(())
}

/// Minutes and seconds.
fn shown(time: Duration) -> String {
    format!("{}m {:02}s", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static CALLS: AtomicUsize = AtomicUsize::new(0);

    #[test]
    fn the_first_failure_ends_it_and_is_named() {
        let good = Step {
            name: "good",
            work: || {
                CALLS.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
        };
        let bad = Step { name: "bad", work: || Err(anyhow::anyhow!("broken")) };
        let failure = format!("{:#}", run(&[good, bad, good]).unwrap_err());
        assert!(failure.contains("\"bad\"") && failure.contains("broken"), "{failure}");
        assert_eq!(CALLS.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn times_are_short() {
        assert_eq!(shown(Duration::from_secs(125)), "2m 05s");
    }
}
