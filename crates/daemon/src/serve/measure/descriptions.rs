//! What each metric means, for the `# HELP` lines.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

const COUNTERS: &[(&str, &str)] = &[
    ("habeas_tasks_total", "Tasks that were settled, by store, right and outcome: done, parked"),
    ("habeas_legal_holds_lifted_total", "Legal holds that were lifted"),
    ("habeas_legal_holds_placed_total", "Legal holds that were placed"),
    ("habeas_agent_requests_stopped_total", "Requests that were stopped because their agent was barred"),
    ("habeas_answers_dropped_total", "Answers to queue messages that had nowhere to go"),
    (
        "habeas_address_changes_refused_total",
        "Attempts to have the answers of an open request sent to another address",
    ),
    (
        "habeas_disputes_total",
        "Deletions that somebody at an address on file said were not theirs, and whether in time",
    ),
    (
        "habeas_guessing_total",
        "Requests at which somebody guessed until no try was left, by what they guessed at",
    ),
    (
        "habeas_form_answers_total",
        "Answers with the address of the form, by what became of them: ordered, held-back, unaligned, sent, failed, given-up",
    ),
    ("habeas_intake_total", "Submissions, by door and outcome"),
    ("habeas_lane_panics_total", "Lanes of workers that panicked and began anew, by lane"),
    ("habeas_mailbox_failures_total", "Connections to a mailbox that failed, by mailbox"),
    (
        "habeas_mailbox_left_alone_total",
        "Mails that lay in a mailbox before its cut-off or first connection and are not read, by mailbox",
    ),
    (
        "habeas_mails_near_due_total",
        "Mails that staff had yet to decide shortly before their last day, by state",
    ),
    ("habeas_mails_received_total", "Mails that came in and were decided, by what they were taken to be"),
    (
        "habeas_mails_held_back_total",
        "Mails of strangers that were left to staff because a mailbox wrote to as many as it may, by mailbox",
    ),
    ("habeas_mails_total", "Mails handed over, by kind and outcome"),
    ("habeas_mails_undelivered_total", "Mails to people that came back, by kind and whether for good"),
    ("habeas_mandates_refused_total", "Mandate documents that were refused, by why"),
    ("habeas_outbox_published_total", "Outbox messages that the queue confirmed"),
    ("habeas_part_panics_total", "Parts of this process that panicked and began anew, by part"),
    ("habeas_queue_consumer_losses_total", "Consumers that were lost and made again, by queue and cause"),
    ("habeas_queue_delivered_total", "Messages delivered, by queue"),
    ("habeas_queue_oversized_total", "Messages too large to be read, by queue"),
    ("habeas_queue_published_total", "Messages published, by queue and outcome"),
    ("habeas_queue_reconnects_total", "Connections to the broker that were made anew, by link"),
    ("habeas_queue_settled_total", "Deliveries settled, by queue and outcome"),
    ("habeas_requests_near_due_total", "Requests reported because their last day is near, by state"),
    (
        "habeas_requests_unacknowledged_total",
        "Requests reported because their receipt was not confirmed shortly before the day that the law sets, by state",
    ),
    ("habeas_sms_total", "Codes handed to the SMS gateway, by outcome"),
    ("habeas_stale_writes_refused_total", "Writes refused because somebody else holds the lease"),
    ("habeas_store_rows_total", "Rows read or changed, by store and operation"),
    ("habeas_store_rows_unowned_total", "Rows that a store gave and that belong to nobody asked for"),
    ("habeas_verification_total", "Proofs of identity, by step and outcome"),
    ("habeas_work_failed_total", "Failed work, by worker, lane, fault and what became of it"),
    ("habeas_work_reannounced_total", "Due work that the reconciler announced again, by queue"),
    ("habeas_work_rescued_total", "Work of workers that were gone that others took over, by queue"),
    ("habeas_work_run_total", "Work that was run, by worker and lane"),
    ("habeas_housekeeping_total", "What housekeeping removed, by kind"),
];

const SECONDS: &[(&str, &str)] = &[
    ("habeas_task_seconds", "From when a task was ordered until it was settled, by store, right and outcome"),
    ("habeas_api_call_seconds", "How long calls of the API took, by route, method and status"),
    ("habeas_group_duration_seconds", "How long groups of work took, by worker and lane"),
    ("habeas_queue_publish_seconds", "How long one confirm window of publishing took"),
    ("habeas_store_call_seconds", "How long calls to stores took, by store, operation and outcome"),
];

const GAUGES: &[(&str, &str)] = &[
    ("habeas_role", "1 for each role that this process has, 0 for the others"),
    ("habeas_dead_letters", "Messages that were given up and wait for ops, by queue"),
    (
        "habeas_erased_people_back",
        "People who were erased and found in a restored store again, and are there still",
    ),
    ("habeas_store_closed", "1 for each store that is closed"),
    ("habeas_jobs_held", "Jobs that wait for a legal hold to be lifted"),
    ("habeas_legal_holds", "Legal holds that are placed"),
    (
        "habeas_legal_holds_not_whole",
        "Legal holds about the typed keys alone, because a store has yet to answer",
    ),
    ("habeas_legal_holds_to_review", "Legal holds of which the day of review has come"),
    ("habeas_requests_disputed", "Requests with an objection that staff have yet to settle"),
    ("habeas_requests_open", "Open requests, by when their last day ends in the earliest reading of the law"),
    (
        "habeas_requests_unacknowledged",
        "Open requests whose receipt is not confirmed, by when the law wants that",
    ),
    ("habeas_work", "Work that has not ended, by kind, store and state"),
    ("habeas_work_oldest_seconds", "For how long the oldest of it has been due"),
    ("habeas_work_parked", "Parked work that waits for ops, by kind, store and fault"),
    (
        "habeas_mailbox_read_timestamp_seconds",
        "When a mailbox was last read to its end by any process, in seconds since 1970 (0: never), by mailbox",
    ),
    (
        "habeas_mailbox_failures_in_a_row",
        "How often reading a mailbox failed since it last went well, by mailbox",
    ),
    (
        "habeas_mailbox_untold_mails",
        "Mails that are stored and that their server did not mark or move yet, by mailbox",
    ),
    (
        "habeas_mails_waiting",
        "Mails that came in and wait, by state: stored to be read by the worker, reply to be read by staff, proposal and parked to be decided by staff",
    ),
    ("habeas_mails_oldest_seconds", "For how long the oldest of them has been here"),
    (
        "habeas_mails_undecided",
        "Mails that staff have yet to decide, by when they have to be answered if they are requests",
    ),
    ("habeas_outbox_messages", "Messages that wait to be published"),
    ("habeas_outbox_oldest_seconds", "For how long the oldest of them has waited"),
    ("habeas_queue_depth", "Messages that wait to be delivered, by queue"),
    ("habeas_up_part", "Whether a part answered when it was last asked: 1 or 0"),
    ("habeas_build_info", "1, with the version of this process"),
];

pub(super) fn describe() {
    for (name, meaning) in COUNTERS.iter().copied() {
        describe_counter!(name, Unit::Count, meaning);
    }
    for (name, meaning) in SECONDS.iter().copied() {
        describe_histogram!(name, Unit::Seconds, meaning);
    }
    for (name, meaning) in GAUGES.iter().copied() {
        describe_gauge!(name, meaning);
    }
    metrics::gauge!("habeas_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    const NAME: &str = "habeas_";
    const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy");
    const CRATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

    fn described() -> BTreeSet<&'static str> {
        COUNTERS.iter().chain(SECONDS).chain(GAUGES).map(|(name, _)| *name).collect()
    }

    /// Every name of a metric in a text, a histogram by its own name.
    fn names(text: &str) -> BTreeSet<&str> {
        let name = |from: usize| {
            let rest = text.get(from..).unwrap_or_default();
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default()
        };
        let found = text.match_indices(NAME).map(|(from, _)| name(from));
        let plain = |name| {
            ["_bucket", "_count", "_sum"]
                .into_iter()
                .find_map(|end| str::strip_suffix(name, end))
                .unwrap_or(name)
        };
        found.map(plain).collect()
    }

    fn sources(folder: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push(fs::read_to_string(path).unwrap());
            }
        }
    }

    /// The name in `counter!("...")` and its like, wherever the line is broken.
    fn measured(source: &str) -> BTreeSet<String> {
        let calls = ["counter!(", "gauge!(", "histogram!("];
        let after = calls.iter().flat_map(|call| source.match_indices(call).map(|(at, _)| at + call.len()));
        let first =
            after.filter_map(|at| source.get(at..)?.trim_start().strip_prefix('"')?.split('"').next());
        first.filter(|name| name.starts_with(NAME)).map(str::to_owned).collect()
    }

    #[test]
    fn dashboard_and_alerts_ask_only_for_metrics_that_there_are() {
        for file in ["grafana-dashboard.json", "prometheus-alerts.yaml"] {
            let text = fs::read_to_string(Path::new(DEPLOY).join(file)).unwrap();
            let asked = names(&text);
            assert!(asked.len() >= 10, "{file} was not read");
            let unknown: Vec<_> = asked.difference(&described()).copied().collect();
            assert!(unknown.is_empty(), "{file} asks for {unknown:?}");
        }
    }

    /// A deletion that a keep rule put off is due like all other work once that has ended.
    #[test]
    fn no_kind_of_work_is_late_in_silence() {
        let alerts = fs::read_to_string(Path::new(DEPLOY).join("prometheus-alerts.yaml")).unwrap();
        let ages: Vec<_> =
            alerts.lines().filter(|line| line.contains("habeas_work_oldest_seconds{")).collect();
        assert_eq!(ages.len(), 2, "what waits and what runs");
        assert!(ages.iter().all(|line| !line.contains("kind!=")), "{ages:?}");
    }

    #[test]
    fn every_metric_that_is_measured_is_described() {
        let mut texts = Vec::new();
        sources(Path::new(CRATES), &mut texts);
        let measured: BTreeSet<String> = texts.iter().flat_map(|text| measured(text)).collect();
        assert!(measured.len() >= 25, "the sources were not read");
        let described = described();
        let without: Vec<_> = measured.iter().filter(|name| !described.contains(name.as_str())).collect();
        assert!(without.is_empty(), "without a description: {without:?}");
    }

    #[test]
    fn the_dashboard_shows_every_gauge_and_time() {
        let text = fs::read_to_string(Path::new(DEPLOY).join("grafana-dashboard.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
        let shown = names(&text);
        let missing =
            SECONDS.iter().chain(GAUGES).map(|(name, _)| *name).filter(|name| !shown.contains(name));
        let allowed = ["habeas_queue_publish_seconds", "habeas_build_info"];
        let missing: Vec<_> = missing.filter(|name| !allowed.contains(name)).collect();
        assert!(missing.is_empty(), "not on the dashboard: {missing:?}");
    }
}
