//! Whether two ways of being answered can be told apart by how long they take.
//!
//! Ranks are compared, not means: one slow answer of a busy machine moves a rank by little. A difference counts only if it
//! is both unlikely to be chance (the test of Mann and Whitney, 1947, with the correction for ties) and large enough
//! to be used, and only if it shows again in further, larger samples: so noise does not fail a test, and a
//! leak does.

use std::time::Duration;

use anyhow::Result;

/// How two samples compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// How likely ranks at least this uneven are if both are answered alike; two-sided.
    pub chance: f64,
    /// How often an answer of the first sample takes longer than one of the second; ties count half. 0.5 is no difference.
    pub slower: f64,
    /// Between the medians.
    pub shift: Duration,
}

/// What counts as a difference: all three at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The level: a smaller chance than this.
    pub chance: f64,
    /// At least this far from one half.
    pub uneven: f64,
    /// At least this much between the medians.
    pub shift: Duration,
}

impl Default for Bound {
    /// One in a thousand; two answers of three; 20 ms, less than what a network adds.
    fn default() -> Self {
        Self { chance: 0.001, uneven: 1.0 / 6.0, shift: Duration::from_millis(20) }
    }
}

impl Bound {
    /// Whether the difference counts.
    pub fn is_passed_by(&self, found: &Comparison) -> bool {
        found.chance < self.chance && (found.slower - 0.5).abs() >= self.uneven && found.shift >= self.shift
    }
}

/// Compares two samples.
pub fn compare(first: &[Duration], second: &[Duration]) -> Comparison {
    if first.is_empty() || second.is_empty() {
        return Comparison { chance: 1.0, slower: 0.5, shift: Duration::ZERO };
    }
    let (m, n) = (count(first.len()), count(second.len()));
    let all = || first.iter().map(|time| (*time, true)).chain(second.iter().map(|time| (*time, false)));
    let mut ranked: Vec<(Duration, bool)> = all().collect();
    ranked.sort_unstable();
    let (mut ranks_of_first, mut ties) = (0.0, 0.0);
    let mut below = 0.0;
    for group in ranked.chunk_by(|one, other| one.0 == other.0) {
        let size = count(group.len());
        let of_first = count(group.iter().filter(|(_, first)| *first).count());
        ranks_of_first += of_first * (below + f64::midpoint(size, 1.0));
        ties += size.powi(3) - size;
        below += size;
    }
    let wins = ranks_of_first - m * (m + 1.0) / 2.0;
    let (expected, total) = (m * n / 2.0, m + n);
    let variance = m * n / 12.0 * ((total + 1.0) - ties / (total * (total - 1.0)).max(1.0));
    let distance = ((wins - expected).abs() - 0.5).max(0.0);
    let chance = if variance > 0.0 { two_sided(distance / variance.sqrt()) } else { 1.0 };
    Comparison { chance, slower: wins / (m * n), shift: median(first).abs_diff(median(second)) }
}

/// Takes `size` pairs of samples and compares them; where they differ, takes twice as many afresh and again twice as many
/// before it says so. Returns the comparisons, the last one deciding.
///
/// # Errors
/// Those of `pair`.
pub async fn tells_apart<F>(bound: Bound, size: usize, mut pair: impl FnMut(usize) -> F) -> Result<Verdict>
where
    F: Future<Output = Result<Vec<(Duration, Duration)>>>,
{
    let mut found = Vec::new();
    for times in [1, 2, 4] {
        let (first, second): (Vec<_>, Vec<_>) = pair(size * times).await?.into_iter().unzip();
        let comparison = compare(&first, &second);
        found.push(comparison);
        let turned = found.first().is_some_and(|one| (one.slower > 0.5) != (comparison.slower > 0.5));
        if turned || !bound.is_passed_by(&comparison) {
            return Ok(Verdict { differs: false, found });
        }
    }
    Ok(Verdict { differs: true, found })
}

/// What came of comparing until it was clear.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether the two can be told apart.
    pub differs: bool,
    /// Each comparison, in order.
    pub found: Vec<Comparison>,
}

/// The middle of a sample; nothing takes no time.
pub fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn count(number: usize) -> f64 {
    u32::try_from(number).unwrap_or(u32::MAX).into()
}

/// Twice the upper tail of the normal distribution (Abramowitz and Stegun, 1964, 26.2.17: within 7.5e-8).
fn two_sided(deviation: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * deviation);
    let factors = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let series = factors.iter().rev().fold(0.0, |sum, factor| (sum + factor) * t);
    let density = (-deviation * deviation / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (2.0 * density * series).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn ms(times: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        times.into_iter().map(Duration::from_millis).collect()
    }

    /// The same scattered times in another order each: a busy machine that answers alike.
    fn scattered(seed: u64, size: u64) -> impl Iterator<Item = u64> {
        (0..size).map(move |place| 500 + (place * 7_919 + seed * 104_729) % 197)
    }

    #[test]
    fn the_known_example_has_the_known_chance() {
        // Two groups of eight without ties: 11 wins of 64, which is 2.153 deviations after the correction for continuity.
        let (low, high) = (ms([1, 2, 3, 4, 5, 9, 11, 12]), ms([6, 7, 8, 10, 13, 14, 15, 16]));
        let found = compare(&low, &high);
        assert!((found.slower - 11.0 / 64.0).abs() < 1e-9, "{found:?}");
        assert!((found.chance - 0.031_32).abs() < 1e-4, "{found:?}");
        let turned = compare(&high, &low);
        assert!((turned.slower - 53.0 / 64.0).abs() < 1e-9 && (turned.chance - found.chance).abs() < 1e-12);
    }

    #[test]
    fn ties_and_nothing_are_no_difference() {
        let even = Comparison { chance: 1.0, slower: 0.5, shift: Duration::ZERO };
        assert_eq!(compare(&ms([5; 20]), &ms([5; 20])), even);
        assert_eq!(compare(&[], &ms([5])), even);
        assert!(!Bound::default().is_passed_by(&compare(&ms([500; 30]), &ms([500; 30]))));
    }

    #[test]
    fn noise_and_outliers_do_not_pass_the_bound() {
        let mut busy = ms(scattered(1, 40));
        busy.extend(ms([5_000, 9_000, 7_000]));
        let calm = ms(scattered(2, 43));
        assert!(!Bound::default().is_passed_by(&compare(&busy, &calm)), "{:?}", compare(&busy, &calm));
    }

    #[tokio::test]
    async fn a_planted_difference_is_found_and_the_same_pace_is_not() {
        let sample = |planted: u64| {
            move |size: usize| async move {
                let size = u64::try_from(size)?;
                let (first, second) =
                    (ms(scattered(3, size)), ms(scattered(4, size).map(|time| time + planted)));
                Ok(first.into_iter().zip(second).collect())
            }
        };
        let leak = tells_apart(Bound::default(), 40, sample(150)).await.unwrap();
        assert!(leak.differs && leak.found.len() == 3, "{leak:?}");
        let none = tells_apart(Bound::default(), 40, sample(0)).await.unwrap();
        assert!(!none.differs && none.found.len() == 1, "{none:?}");
        let useless =
            tells_apart(Bound { shift: Duration::from_millis(400), ..Bound::default() }, 40, sample(150));
        assert!(!useless.await.unwrap().differs, "too small to be used");
    }

    #[tokio::test]
    async fn a_difference_that_does_not_show_again_was_noise() {
        let calls = Cell::new(0);
        let hiccup = |size: usize| {
            calls.set(calls.get() + 1);
            let planted = if calls.get() == 1 { 300 } else { 0 };
            async move {
                let size = u64::try_from(size)?;
                let second = ms(scattered(6, size).map(|time| time + planted));
                Ok(ms(scattered(5, size)).into_iter().zip(second).collect())
            }
        };
        let verdict = tells_apart(Bound::default(), 40, hiccup).await.unwrap();
        assert!(!verdict.differs && calls.get() == 2, "{verdict:?}");
    }
}
