//! What lies in the folder, and getting it.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use habeas_domain::Personal;
use tokio::time::timeout;

use super::{ImapError, ImapOptions, Step, login::Signed};

/// How many mails are asked about at once.
const ASKED_AT_ONCE: usize = 200;

/// A mail in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lying {
    pub(super) uid: u32,
    pub(super) bytes: u64,
    pub(super) arrived_at: DateTime<Utc>,
}

/// The UIDs after `last`, in order. At the first reading only those since the day before the cut-off are asked for.
pub(super) async fn search(
    session: &mut Signed,
    options: &ImapOptions,
    last: u32,
    cut_off: DateTime<Utc>,
) -> Result<Vec<u32>, ImapError> {
    let Some(next) = last.checked_add(1) else { return Ok(Vec::new()) };
    let query = if last == 0 {
        // The server compares days of its own time zone.
        let since = cut_off - chrono::TimeDelta::days(1);
        format!("SINCE {}", since.format("%-d-%b-%Y"))
    } else {
        format!("UID {next}:*")
    };
    let searching = timeout(options.limit, session.uid_search(query)).await;
    let found = searching.map_err(|_| ImapError::TimedOut(Step::Search))?;
    let found = found.map_err(|error| ImapError::of(Step::Search, &error))?;
    // `n:*` names the last mail even if its UID is below n.
    let mut uids: Vec<u32> = found.into_iter().filter(|uid| *uid > last).collect();
    uids.sort_unstable();
    Ok(uids)
}

/// Size and arrival of these mails; those that are gone meanwhile are left out.
pub(super) async fn look(
    session: &mut Signed,
    options: &ImapOptions,
    uids: &[u32],
    now: DateTime<Utc>,
) -> Result<Vec<Lying>, ImapError> {
    let mut lying = Vec::with_capacity(uids.len());
    for uids in uids.chunks(ASKED_AT_ONCE) {
        for fetched in fetch(session, options, uids, "(UID RFC822.SIZE INTERNALDATE)").await? {
            let Some(uid) = fetched.uid.filter(|uid| uids.contains(uid)) else { continue };
            lying.push(Lying {
                uid,
                bytes: fetched.size.unwrap_or(0).into(),
                arrived_at: fetched.internal_date().map_or(now, |date| date.with_timezone(&Utc)),
            });
        }
    }
    lying.sort_by_key(|mail| mail.uid);
    lying.dedup_by_key(|mail| mail.uid);
    Ok(lying)
}

/// The bytes of these mails, without marking them as seen; those that are gone meanwhile are left out.
pub(super) async fn bodies(
    session: &mut Signed,
    options: &ImapOptions,
    uids: &[u32],
) -> Result<Vec<(u32, Personal<Vec<u8>>)>, ImapError> {
    let mut bodies = Vec::with_capacity(uids.len());
    for fetched in fetch(session, options, uids, "(UID BODY.PEEK[])").await? {
        let (Some(uid), Some(body)) = (fetched.uid, fetched.body()) else { continue };
        if uids.contains(&uid) {
            bodies.push((uid, Personal::new(body.to_vec())));
        }
    }
    Ok(bodies)
}

async fn fetch(
    session: &mut Signed,
    options: &ImapOptions,
    uids: &[u32],
    what: &str,
) -> Result<Vec<async_imap::types::Fetch>, ImapError> {
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let fetching = async { session.uid_fetch(set(uids), what).await?.try_collect().await };
    let fetched = timeout(options.limit * 5, fetching).await.map_err(|_| ImapError::TimedOut(Step::Fetch))?;
    fetched.map_err(|error| ImapError::of(Step::Fetch, &error))
}

/// A set of UIDs as IMAP writes it.
pub(super) fn set(uids: &[u32]) -> String {
    uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
