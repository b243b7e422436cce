//! What lies in the folder, and getting it.

use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, MailboxDatum, MessageSection, Response, SectionPath};
use chrono::{DateTime, Utc};
use habeas_domain::Personal;

use super::{
    ImapError, ImapOptions, Step,
    command::{in_time, run},
    login::Signed,
};

/// How many mails are asked about at once.
pub(super) const ASKED_AT_ONCE: usize = 200;

/// How `INTERNALDATE` is written (RFC 3501, section 9, `date-time`).
const ARRIVAL: &str = "%d-%b-%Y %H:%M:%S %z";

/// A mail in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lying {
    pub(super) uid: u32,
    pub(super) bytes: u64,
    pub(super) arrived_at: DateTime<Utc>,
}

/// What a mail's bytes are, as far as they were asked for.
pub(super) type Body = (u32, Personal<Vec<u8>>);

/// The UIDs that the server finds, in order.
pub(super) async fn search(
    session: &mut Signed,
    limit: Duration,
    query: &str,
) -> Result<Vec<u32>, ImapError> {
    let mut uids = Vec::new();
    let command = format!("UID SEARCH {query}");
    let searching = run(session, &command, |answer| {
        if let Response::MailboxData(MailboxDatum::Search(found)) = answer {
            uids.extend(found);
        }
    });
    in_time(limit, Step::Search, searching).await?;
    uids.sort_unstable();
    uids.dedup();
    Ok(uids)
}

/// Size and arrival of these mails, as far as the server gives them.
pub(super) async fn look(
    session: &mut Signed,
    options: &ImapOptions,
    uids: &[u32],
    now: DateTime<Utc>,
) -> Result<Vec<(u32, Lying)>, ImapError> {
    fetch(session, options, uids, "(UID RFC822.SIZE INTERNALDATE)", |uid, values| {
        let bytes = values.iter().find_map(|value| match value {
            AttributeValue::Rfc822Size(bytes) => Some(u64::from(*bytes)),
            _ => None,
        })?;
        let arrived_at = values.iter().find_map(|value| match value {
            AttributeValue::InternalDate(date) => DateTime::parse_from_str(date.trim(), ARRIVAL).ok(),
            _ => None,
        });
        Some(Lying { uid, bytes, arrived_at: arrived_at.map_or(now, |date| date.with_timezone(&Utc)) })
    })
    .await
}

/// The bytes of these mails, without marking them as seen, as far as the server gives them.
pub(super) async fn bodies(
    session: &mut Signed,
    options: &ImapOptions,
    mails: &[&Lying],
) -> Result<Vec<Body>, ImapError> {
    let uids: Vec<u32> = mails.iter().map(|mail| mail.uid).collect();
    fetch(session, options, &uids, "(UID BODY.PEEK[])", |uid, values| {
        // Some servers write an empty mail as NIL.
        let is_empty = || mails.iter().any(|mail| mail.uid == uid && mail.bytes == 0);
        values.iter().find_map(|value| match value {
            AttributeValue::BodySection { section: None, data: Some(data), .. }
            | AttributeValue::Rfc822(Some(data)) => Some(Personal::new(data.to_vec())),
            AttributeValue::BodySection { section: None, data: None, .. } if is_empty() => {
                Some(Personal::new(Vec::new()))
            }
            _ => None,
        })
    })
    .await
}

/// The header of a mail, if the server gives it.
pub(super) async fn header(
    session: &mut Signed,
    options: &ImapOptions,
    uid: u32,
) -> Result<Option<Personal<Vec<u8>>>, ImapError> {
    let found = fetch(session, options, &[uid], "(UID BODY.PEEK[HEADER])", |_, values| {
        values.iter().find_map(|value| match value {
            AttributeValue::BodySection {
                section: Some(SectionPath::Full(MessageSection::Header)),
                data: Some(data),
                ..
            }
            | AttributeValue::Rfc822Header(Some(data)) => Some(Personal::new(data.to_vec())),
            _ => None,
        })
    })
    .await?;
    Ok(found.into_iter().next().map(|(_, header)| header))
}

/// Of each of these mails what `read` finds in its answer. News about flags come as such answers too, and say nothing.
async fn fetch<T>(
    session: &mut Signed,
    options: &ImapOptions,
    uids: &[u32],
    what: &str,
    read: impl Fn(u32, &[AttributeValue<'_>]) -> Option<T>,
) -> Result<Vec<(u32, T)>, ImapError> {
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<(u32, T)> = Vec::with_capacity(uids.len());
    let command = format!("UID FETCH {} {what}", set(uids));
    let fetching = run(session, &command, |answer| {
        let Response::Fetch(_, values) = answer else { return };
        let uid = values.iter().find_map(|value| match value {
            AttributeValue::Uid(uid) => Some(*uid),
            _ => None,
        });
        let Some(uid) = uid.filter(|uid| uids.contains(uid)) else { return };
        if found.iter().all(|(known, _)| *known != uid) {
            found.extend(read(uid, values).map(|read| (uid, read)));
        }
    });
    in_time(options.limit * 5, Step::Fetch, fetching).await?;
    found.sort_by_key(|(uid, _)| *uid);
    Ok(found)
}

/// A set of UIDs as IMAP writes it.
pub(super) fn set(uids: &[u32]) -> String {
    uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
