//! Telling the server about everything that is stored and that it was not told, also by an earlier process.

use habeas_domain::ReceivedMailId;

use super::{ImapError, login::Signed, read::Look, tell::tell};

/// How many mails the server is told about at once.
const TOLD_AT_ONCE: u64 = 200;

/// After so many refusals the rest of a batch is not halved any further: it waits for the next look.
const REFUSALS: usize = 40;

type Untold = (ReceivedMailId, u32);

impl Look<'_> {
    /// Tells the server. What it refuses is tried again at the next look; it keeps neither others from being told nor anything
    /// from being read.
    pub(super) async fn tell_rest(&self, session: &mut Signed) -> Result<(), ImapError> {
        let (mut above, mut refusals, mut refused) = (0, 0, 0);
        loop {
            let untold =
                self.ledger.mails_to_tell(&self.place, self.uidvalidity, above, TOLD_AT_ONCE).await?;
            let Some((_, last)) = untold.last() else { break };
            above = *last;
            refused += self.tell_batch(session, &untold, &mut refusals).await?;
        }
        if refused > 0 {
            tracing::warn!(
                mailbox = self.options.name,
                mails = refused,
                "stored mails could not be marked or moved; check `after`, its folder and what this user may do"
            );
        }
        Ok(())
    }

    /// Gives how many are left. A batch that is refused is halved, so that one mail does not stand for all.
    async fn tell_batch(
        &self,
        session: &mut Signed,
        batch: &[Untold],
        refusals: &mut usize,
    ) -> Result<usize, ImapError> {
        let mut left = 0;
        let mut waiting = vec![batch];
        while let Some(some) = waiting.pop() {
            let (ids, uids): (Vec<_>, Vec<u32>) = some.iter().copied().unzip();
            fail::fail_point!("mailbox::before_tell");
            match tell(session, self.options, self.spelling, &uids).await {
                Ok(()) => {
                    fail::fail_point!("mailbox::after_tell");
                    self.ledger.mails_told(&ids).await?;
                }
                Err(ImapError::Refused(_)) => {
                    *refusals += 1;
                    if some.len() == 1 || *refusals > REFUSALS {
                        left += some.len();
                    } else {
                        let (first, second) = some.split_at(some.len() / 2);
                        waiting.extend([second, first]);
                    }
                }
                Err(broken) => return Err(broken),
            }
        }
        Ok(left)
    }
}
