//! Which mails something is done to at once, and how far it came.

use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor,
    received_mail::{ReceivedMailState, Verdict},
    text::TextRule,
};
use habeas_ledger::{Ledger, LedgerError, ManyMails, ReceivedMailFilter};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{fields::Fields, words::PlainName};

/// The fields by which mails are chosen.
pub(crate) const BY: [&str; 5] = ["state", "verdict", "mailbox", "before", "reason_holds"];

/// The longest words that are looked for in reasons.
const LONGEST_WORDS: usize = 200;

/// What mails have in common.
pub(crate) fn which(fields: &mut Fields<'_>) -> ReceivedMailFilter {
    ReceivedMailFilter {
        state: fields.word("state", &ReceivedMailState::ALL),
        verdict: fields.word("verdict", &Verdict::ALL),
        mailbox: fields.optional::<PlainName>("mailbox").map(|name| name.0),
        before: fields.optional::<DateTime<Utc>>("before"),
        reason_holds: fields.prose("reason_holds", TextRule::lines(LONGEST_WORDS)),
        ..ReceivedMailFilter::default()
    }
}

/// The same, where it must say more than when and where: a slip would otherwise reach every mail that waits.
pub(crate) fn a_kind(fields: &mut Fields<'_>) -> Option<ReceivedMailFilter> {
    if !fields.has("verdict") && !fields.has("reason_holds") {
        fields.note("verdict", "required", "give verdict or reason_holds, or both");
        return None;
    }
    Some(which(fields))
}

/// How far it came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManyMailsDone {
    /// How many mails fit.
    #[schema(example = 1250)]
    matched: u64,
    /// To how many of them it was done now: up to 500 at a time, none in a dry run.
    #[schema(example = 500)]
    done: u64,
    /// How many are left: send the same again for these.
    #[schema(example = 750)]
    left: u64,
}

/// Does it, or only counts.
pub(crate) async fn to_many(
    ledger: &Ledger,
    what: ManyMails<'_>,
    filter: &ReceivedMailFilter,
    by: Actor,
    dry_run: bool,
) -> Result<ManyMailsDone, LedgerError> {
    let matched = ledger.count_mails_for(what, filter).await?;
    let done = if dry_run { 0 } else { ledger.do_to_mails(what, filter, by).await? };
    Ok(ManyMailsDone { matched, done, left: matched.saturating_sub(done) })
}
