//! Waiting for new mails.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    ImapError, ImapOptions, Step,
    command::{in_time, run},
    login::Signed,
};

/// Servers hang up on a client that says nothing for half an hour (RFC 2177, section 3), and routers much sooner.
const LONGEST_IDLE: Duration = Duration::from_mins(5);

/// Waits until the server has news, or until it is time to look in any case. A connection that died in silence shows
/// itself then.
pub(super) async fn wait(
    mut session: Signed,
    options: &ImapOptions,
    idles: bool,
    stop: &CancellationToken,
) -> Result<Signed, ImapError> {
    if idles {
        return idle(session, options, stop).await;
    }
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(options.poll) => {}
    }
    in_time(options.limit, Step::Wait, run(&mut session, "NOOP", |_| {})).await?;
    Ok(session)
}

async fn idle(session: Signed, options: &ImapOptions, stop: &CancellationToken) -> Result<Signed, ImapError> {
    let mut idle = session.idle();
    in_time(options.limit, Step::Wait, idle.init()).await?;
    let (news, source) = idle.wait_with_timeout(options.poll.min(LONGEST_IDLE));
    let heard = tokio::select! {
        () = stop.cancelled() => Ok(()),
        heard = news => heard.map(drop),
        () = tokio::time::sleep(options.poll) => Ok(()),
    };
    drop(source);
    heard.map_err(|error| ImapError::of(Step::Wait, &error))?;
    in_time(options.limit, Step::Wait, idle.done()).await
}
