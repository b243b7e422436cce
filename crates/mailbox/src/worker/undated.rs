//! The last day of mails that no worker decides: those that were left where they are.

use habeas_domain::Right;
use habeas_ledger::LedgerError;

use super::act::Acting;

impl Acting {
    /// Gives mails that wait for staff without a last day the one that they have if they are requests: nobody has read them, so
    /// that they may ask for anything, under any law.
    pub(super) async fn date_undated(&self) -> Result<(), LedgerError> {
        for (mail, received_at) in self.ledger.undated_mails().await? {
            let due_at = self.options.laws.shortest(&Right::ALL, None, received_at);
            self.ledger.date_mail(mail, due_at).await?;
        }
        Ok(())
    }
}
