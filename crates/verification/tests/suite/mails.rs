//! Reading what was mailed, as the person does.

use std::time::Duration;

use anyhow::Result;
use habeas_domain::Letter;
use habeas_ledger::MailToSend;

use crate::bed::Bed;

impl Bed {
    /// The mails that were ordered since the last call.
    pub(crate) async fn mails(&self) -> Result<Vec<MailToSend>> {
        let claimed = self.claim("mail", Duration::from_hours(1)).await?;
        let mut mails = self.ledger.mails_to_send(&claimed).await?;
        mails.sort_by_key(|mail| mail.id);
        Ok(mails)
    }

    /// The tokens and codes of the verify mails among them.
    pub(crate) async fn verify_mails(&self) -> Result<Vec<(String, String)>> {
        let mails = self.mails().await?;
        Ok(mails
            .iter()
            .filter_map(|mail| match &mail.letter {
                Letter::Verify { link, code, .. } => Some((token_in(link.expose()), code.expose().clone())),
                _ => None,
            })
            .collect())
    }

    /// Where codes for addresses on file went, and the codes.
    pub(crate) async fn on_file_codes(&self) -> Result<Vec<(String, String)>> {
        let mails = self.mails().await?;
        Ok(mails
            .iter()
            .filter_map(|mail| match &mail.letter {
                Letter::OnFileCode { code, .. } => Some((mail.to.expose().clone(), code.expose().clone())),
                _ => None,
            })
            .collect())
    }

    /// The codes of the download mails among them.
    pub(crate) async fn download_codes(&self) -> Result<Vec<String>> {
        let mails = self.mails().await?;
        Ok(mails
            .iter()
            .filter_map(|mail| match &mail.letter {
                Letter::DownloadCode { code, .. } => Some(code.expose().clone()),
                _ => None,
            })
            .collect())
    }
}

pub(crate) fn token_in(link: &str) -> String {
    link.rsplit('/').next().unwrap_or_default().to_owned()
}
