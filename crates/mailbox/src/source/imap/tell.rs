//! Telling the server that mails are stored: they are marked as seen, or moved.

use async_imap::error::Error;
use futures::TryStreamExt;
use tokio::time::timeout;

use super::{After, ImapError, ImapOptions, Step, fetch::set, login::Signed};

/// Marks or moves these mails. Doing it again does no harm.
pub(super) async fn tell(session: &mut Signed, options: &ImapOptions, uids: &[u32]) -> Result<(), ImapError> {
    let telling = async {
        match &options.after {
            After::Seen => store(session, &set(uids), "+FLAGS.SILENT (\\Seen)").await,
            After::Move(folder) => match put(session, &set(uids), folder).await {
                Err(Error::No(_)) => {
                    // The folder may be missing. If it cannot be made, the second try says so.
                    let _perhaps = session.create(folder).await;
                    put(session, &set(uids), folder).await
                }
                other => other,
            },
        }
    };
    let told = timeout(options.limit, telling).await.map_err(|_| ImapError::TimedOut(Step::Tell))?;
    told.map_err(|error| ImapError::of(Step::Tell, &error))
}

async fn store(session: &mut Signed, uids: &str, flags: &str) -> Result<(), Error> {
    let changed: Vec<_> = session.uid_store(uids, flags).await?.try_collect().await?;
    drop(changed);
    Ok(())
}

/// By MOVE where the server has it. Otherwise copied and deleted, and expunged if that can be done for these alone.
async fn put(session: &mut Signed, uids: &str, folder: &str) -> Result<(), Error> {
    let able = session.capabilities().await?;
    if able.has_str("MOVE") {
        return session.uid_mv(uids, folder).await;
    }
    session.uid_copy(uids, folder).await?;
    store(session, uids, "+FLAGS.SILENT (\\Deleted)").await?;
    if able.has_str("UIDPLUS") {
        let expunged: Vec<_> = session.uid_expunge(uids).await?.try_collect().await?;
        drop(expunged);
    }
    Ok(())
}
