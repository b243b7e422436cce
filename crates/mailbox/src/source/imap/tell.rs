//! Telling the server that mails are stored: they are marked as seen, or moved.

use std::time::Duration;

use async_imap::{
    error::Error,
    imap_proto::{Capability, Response},
};

use super::{
    After, ImapError, ImapOptions, Step,
    command::{in_time, run},
    fetch::{search, set},
    folder_name::folder_name,
    login::Signed,
    spelling::Spelling,
};

/// Marks or moves these mails. Marking again does no harm, nor does moving where the server can move. Where mails can
/// only be copied, one whose connection breaks between its copy and its mark is copied again.
pub(super) async fn tell(
    session: &mut Signed,
    options: &ImapOptions,
    spelling: Spelling,
    uids: &[u32],
) -> Result<(), ImapError> {
    let limit = options.limit;
    match &options.after {
        After::Seen => store(session, limit, uids, "\\Seen").await,
        After::Move(folder) => {
            let able = in_time(limit, Step::Tell, capabilities(session)).await?;
            let folder = folder_name(folder, spelling);
            match put(session, limit, uids, &folder, &able).await {
                Err(ImapError::Refused(_)) => {
                    // The folder may be missing. If it cannot be made, the second try says so.
                    match order(session, limit, &format!("CREATE {folder}")).await {
                        Ok(()) | Err(ImapError::Refused(_)) => {
                            put(session, limit, uids, &folder, &able).await
                        }
                        broken => broken,
                    }
                }
                other => other,
            }
        }
    }
}

async fn order(session: &mut Signed, limit: Duration, command: &str) -> Result<(), ImapError> {
    in_time(limit, Step::Tell, run(session, command, |_| {})).await
}

async fn store(session: &mut Signed, limit: Duration, uids: &[u32], flag: &str) -> Result<(), ImapError> {
    order(session, limit, &format!("UID STORE {} +FLAGS.SILENT ({flag})", set(uids))).await
}

/// By MOVE where the server has it. Otherwise copied and deleted, and expunged if that can be done for these alone.
async fn put(
    session: &mut Signed,
    limit: Duration,
    uids: &[u32],
    folder: &str,
    able: &[String],
) -> Result<(), ImapError> {
    if has(able, "MOVE") {
        return order(session, limit, &format!("UID MOVE {} {folder}", set(uids))).await;
    }
    // What is deleted was copied before the connection broke.
    let left = search(session, limit, &format!("UID {} UNDELETED", set(uids))).await?;
    if !left.is_empty() {
        order(session, limit, &format!("UID COPY {} {folder}", set(&left))).await?;
        store(session, limit, &left, "\\Deleted").await?;
    }
    if has(able, "UIDPLUS") {
        order(session, limit, &format!("UID EXPUNGE {}", set(uids))).await?;
    }
    Ok(())
}

/// What the server can do.
pub(super) async fn capabilities(session: &mut Signed) -> Result<Vec<String>, Error> {
    let mut able = Vec::new();
    run(session, "CAPABILITY", |answer| {
        let Response::Capabilities(named) = answer else { return };
        able.extend(named.iter().filter_map(|one| match one {
            Capability::Atom(word) => Some(word.to_ascii_uppercase()),
            Capability::Imap4rev1 => Some("IMAP4REV1".to_owned()),
            Capability::Auth(_) => None,
        }));
    })
    .await?;
    Ok(able)
}

pub(super) fn has(able: &[String], word: &str) -> bool {
    able.iter().any(|one| one == word)
}
