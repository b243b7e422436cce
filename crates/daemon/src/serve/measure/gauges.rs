//! Gauges that are read from the state database and the queue.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use habeas_domain::StoreName;
use habeas_ledger::{Gauges as Counted, Ledger, MailboxPlace, MailboxStanding, OpenByDue};
use habeas_queue::{Queue, QueueError, QueueName};
use metrics::{Label, counter, gauge};

/// Between two readings.
pub(super) const EVERY: Duration = Duration::from_secs(5);

/// How long a reading may take.
const LIMIT: Duration = Duration::from_secs(10);

type Series = (&'static str, Vec<(&'static str, String)>);

/// Reads and remembers which series it set, so that what is gone shows 0.
pub(super) struct Gauges {
    ledger: Ledger,
    queue: Arc<dyn Queue>,
    queues: Vec<QueueName>,
    /// The folders of the mailboxes that are configured.
    mailboxes: Vec<MailboxPlace>,
    shown: BTreeSet<Series>,
    /// Whether the queues had time to be declared.
    begun: bool,
}

impl Gauges {
    pub(super) fn new(
        ledger: Ledger,
        queue: Arc<dyn Queue>,
        queues: Vec<QueueName>,
        mailboxes: Vec<MailboxPlace>,
    ) -> Self {
        Self { ledger, queue, queues, mailboxes, shown: BTreeSet::new(), begun: false }
    }

    /// Reads everything once. A part that does not answer is shown as down, and its gauges stay as they were.
    pub(super) async fn read(&mut self) {
        let counted = tokio::time::timeout(LIMIT, self.ledger.gauges()).await;
        let up = matches!(counted, Ok(Ok(_)));
        gauge!("habeas_up_part", "part" => "state").set(f64::from(u8::from(up)));
        if let Ok(Ok(counted)) = counted {
            self.show(&of_state(&counted));
        }
        self.mails().await;
        if let Ok(Ok(standings)) = tokio::time::timeout(LIMIT, self.ledger.mailbox_standings()).await {
            for place in &self.mailboxes {
                mailbox(place, &standings);
            }
        }
        if std::mem::replace(&mut self.begun, true) {
            self.depths().await;
        }
    }

    async fn mails(&self) {
        if let Ok(Ok(waiting)) = tokio::time::timeout(LIMIT, self.ledger.waiting_mails()).await {
            for one in waiting {
                let state = one.state.as_str();
                gauge!("habeas_mails_waiting", "state" => state).set(number(one.count));
                gauge!("habeas_mails_oldest_seconds", "state" => state).set(one.oldest.as_secs_f64());
            }
        }
        if let Ok(Ok(due)) = tokio::time::timeout(LIMIT, self.ledger.mails_by_due()).await {
            for (bucket, count) in buckets(due) {
                gauge!("habeas_mails_undecided", "due" => bucket).set(number(count));
            }
        }
    }

    async fn depths(&self) {
        let mut up = true;
        for name in &self.queues {
            let counting = async {
                Ok::<_, QueueError>((self.queue.depth(name).await?, self.dead_letters(name).await?))
            };
            let Ok(Ok((depth, dead))) = tokio::time::timeout(LIMIT, counting).await else {
                up = false;
                break;
            };
            counter!("habeas_queue_delivered_total", "queue" => name.to_string(), "redelivered" => "false")
                .increment(0);
            gauge!("habeas_queue_depth", "queue" => name.to_string()).set(number(depth));
            gauge!("habeas_dead_letters", "queue" => name.to_string()).set(number(dead));
        }
        gauge!("habeas_up_part", "part" => "queue").set(f64::from(u8::from(up)));
    }

    /// A queue that others made need not have a place for dead letters.
    async fn dead_letters(&self, name: &QueueName) -> Result<u64, QueueError> {
        match self.queue.count_dead_letters(name).await {
            Err(QueueError::UnknownQueue { .. }) => Ok(0),
            counted => counted,
        }
    }

    fn show(&mut self, series: &[(Series, f64)]) {
        let now: BTreeSet<Series> = series.iter().map(|(series, _)| series.clone()).collect();
        for gone in self.shown.difference(&now) {
            set(gone, 0.0);
        }
        for (one, value) in series {
            set(one, *value);
        }
        self.shown = now;
    }
}

fn set((name, labels): &Series, value: f64) {
    let labels: Vec<Label> = labels.iter().map(|(key, text)| Label::new(*key, text.clone())).collect();
    gauge!(*name, labels).set(value);
}

/// Whoever reads a mailbox: a process that has just started, or none, leaves no gap that looks like a mailbox that is well.
fn mailbox(place: &MailboxPlace, standings: &[MailboxStanding]) {
    let standing = standings.iter().find(|one| one.position.place == *place);
    let read_at = standing.and_then(|one| one.read_at).map_or(0, |at| at.timestamp());
    let name = || place.mailbox.clone();
    gauge!("habeas_mailbox_read_timestamp_seconds", "mailbox" => name()).set(number(read_at.unsigned_abs()));
    gauge!("habeas_mailbox_untold_mails", "mailbox" => name())
        .set(number(standing.map_or(0, |one| one.untold)));
}

fn of_state(counted: &Counted) -> Vec<(Series, f64)> {
    let mut series: Vec<(Series, f64)> = buckets(counted.open)
        .into_iter()
        .map(|(due, count)| (("habeas_requests_open", vec![("due", due.to_owned())]), number(count)))
        .collect();
    for (due, count) in buckets(counted.unacknowledged) {
        series.push((("habeas_requests_unacknowledged", vec![("due", due.to_owned())]), number(count)));
    }
    series.push((("habeas_requests_disputed", Vec::new()), number(counted.disputed)));
    series.push((("habeas_legal_holds", Vec::new()), number(counted.holds)));
    series.push((("habeas_legal_holds_to_review", Vec::new()), number(counted.holds_to_review)));
    series.push((("habeas_legal_holds_not_whole", Vec::new()), number(counted.holds_not_whole)));
    series.push((("habeas_jobs_held", Vec::new()), number(counted.held_jobs)));
    series.push((("habeas_erased_people_back", Vec::new()), number(counted.erased_back)));
    for store in &counted.closed_stores {
        series.push((("habeas_store_closed", vec![("store", store.clone())]), 1.0));
    }
    for work in &counted.work {
        let labels = vec![
            ("kind", work.kind.to_string()),
            ("store", name(work.store.as_ref())),
            ("state", work.state.as_str().to_owned()),
        ];
        series.push((("habeas_work", labels.clone()), number(work.count)));
        series.push((("habeas_work_oldest_seconds", labels), work.oldest.as_secs_f64()));
    }
    for parked in &counted.parked {
        let labels = vec![
            ("kind", parked.kind.to_string()),
            ("store", name(parked.store.as_ref())),
            ("fault", parked.code.clone()),
        ];
        series.push((("habeas_work_parked", labels), number(parked.count)));
    }
    let outbox = counted.outbox;
    series.push((("habeas_outbox_messages", Vec::new()), number(outbox.messages)));
    series.push((("habeas_outbox_oldest_seconds", Vec::new()), outbox.oldest.as_secs_f64()));
    series
}

const fn buckets(open: OpenByDue) -> [(&'static str, u64); 4] {
    [("overdue", open.overdue), ("72h", open.within_72h), ("7d", open.within_7d), ("later", open.later)]
}

fn name(store: Option<&StoreName>) -> String {
    store.map(ToString::to_string).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "a gauge above 2^52 would be a fault of its own")]
fn number(count: u64) -> f64 {
    count as f64
}
