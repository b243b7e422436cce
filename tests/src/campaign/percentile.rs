//! Percentiles of times that were measured.

use std::time::Duration;

/// The time within which this share of all happened: one that did occur. The times must be sorted.
pub fn percentile(sorted: &[Duration], hundredths: usize) -> Duration {
    let at = (sorted.len() * hundredths).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

/// The same in milliseconds.
pub(super) fn millis(sorted: &[Duration], hundredths: usize) -> u64 {
    u64::try_from(percentile(sorted, hundredths).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_occurred() {
        let took: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&took, 50), Duration::from_millis(100));
        assert_eq!(millis(&took, 99), 198);
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }
}
