//! The metrics of this crate. Labels are fixed words, nothing from a submission.

use habeas_domain::Channel;

/// Counts what became of one submission that came through `door`.
pub(crate) fn outcome(door: Channel, outcome: &'static str) {
    metrics::counter!("habeas_intake_total", "door" => door.as_str(), "outcome" => outcome).increment(1);
}
