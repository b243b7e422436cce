//! What each metric means, for the `# HELP` lines.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

const COUNTERS: [(&str, &str); 22] = [
    (
        "habeas_disputes_total",
        "Deletions that somebody at an address on file said were not theirs, and whether in time",
    ),
    (
        "habeas_guessing_total",
        "Requests at which somebody guessed until no try was left, by what they guessed at",
    ),
    ("habeas_intake_total", "Submissions, by door and outcome"),
    ("habeas_mailbox_failures_total", "Connections to a mailbox that failed, by mailbox"),
    ("habeas_mails_received_total", "Mails that came in and were decided, by what they were taken to be"),
    ("habeas_mails_total", "Mails handed over, by kind and outcome"),
    ("habeas_outbox_published_total", "Outbox messages that the queue confirmed"),
    ("habeas_queue_consumer_losses_total", "Consumers that were lost and made again, by queue and cause"),
    ("habeas_queue_delivered_total", "Messages delivered, by queue"),
    ("habeas_queue_oversized_total", "Messages too large to be read, by queue"),
    ("habeas_queue_published_total", "Messages published, by queue and outcome"),
    ("habeas_queue_reconnects_total", "Connections to the broker that were made anew, by link"),
    ("habeas_queue_settled_total", "Deliveries settled, by queue and outcome"),
    ("habeas_requests_near_due_total", "Requests reported because their last day is near, by state"),
    ("habeas_stale_writes_refused_total", "Writes refused because somebody else holds the lease"),
    ("habeas_store_rows_total", "Rows read or changed, by store and operation"),
    ("habeas_store_rows_unowned_total", "Rows that a store gave and that belong to nobody asked for"),
    ("habeas_verification_total", "Proofs of identity, by step and outcome"),
    ("habeas_work_failed_total", "Failed work, by worker, lane, fault and what became of it"),
    ("habeas_work_reannounced_total", "Due work that the reconciler announced again, by queue"),
    ("habeas_work_run_total", "Work that was run, by worker and lane"),
    ("habeas_housekeeping_total", "What housekeeping removed, by kind"),
];

const SECONDS: [(&str, &str); 3] = [
    ("habeas_group_duration_seconds", "How long groups of work took, by worker and lane"),
    ("habeas_queue_publish_seconds", "How long one confirm window of publishing took"),
    ("habeas_store_call_seconds", "How long calls to stores took, by store, operation and outcome"),
];

const GAUGES: [(&str, &str); 12] = [
    ("habeas_requests_disputed", "Requests with an objection that staff have yet to settle"),
    ("habeas_requests_open", "Open requests, by when their last day ends"),
    ("habeas_work", "Work that has not ended, by kind, store and state"),
    ("habeas_work_oldest_seconds", "For how long the oldest of it has been due"),
    ("habeas_work_parked", "Parked work that waits for ops, by kind, store and fault"),
    (
        "habeas_mailbox_read_timestamp_seconds",
        "When a mailbox was last read to its end, in seconds since 1970, by mailbox",
    ),
    (
        "habeas_mails_waiting",
        "Mails that came in and wait, by state: proposal and parked for staff, stored to be read",
    ),
    ("habeas_outbox_messages", "Messages that wait to be published"),
    ("habeas_outbox_oldest_seconds", "For how long the oldest of them has waited"),
    ("habeas_queue_depth", "Messages that wait to be delivered, by queue"),
    ("habeas_up_part", "Whether a part answered when it was last asked: 1 or 0"),
    ("habeas_build_info", "1, with the version of this process"),
];

pub(super) fn describe() {
    for (name, meaning) in COUNTERS {
        describe_counter!(name, Unit::Count, meaning);
    }
    for (name, meaning) in SECONDS {
        describe_histogram!(name, Unit::Seconds, meaning);
    }
    for (name, meaning) in GAUGES {
        describe_gauge!(name, meaning);
    }
    metrics::gauge!("habeas_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}
