//! How a mail was handed in, where the program that handed it over said so.

use std::net::IpAddr;

use habeas_domain::{Personal, personal::in_the_clear};
use habeas_vault::RequestKey;
use serde::{Deserialize, Serialize};

use super::row;
use crate::{Ledger, LedgerError, entity::received_mail};

/// What the receiving mail server knew about the one that handed the mail in (RFC 7208, section 2). Kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDelivery {
    /// The client's address.
    #[serde(with = "in_the_clear")]
    pub client: Personal<IpAddr>,
    /// What it called itself (HELO or EHLO).
    #[serde(with = "in_the_clear")]
    pub helo: Personal<String>,
    /// The envelope sender (MAIL FROM), empty if it was the null address.
    #[serde(with = "in_the_clear")]
    pub mail_from: Personal<String>,
}

/// A mail with all that came with it.
#[derive(Debug, Clone)]
pub struct WholeMail {
    /// Its bytes, as they came.
    pub raw: Personal<Vec<u8>>,
    /// How it was handed in, if that was said.
    pub delivery: Option<MailDelivery>,
}

impl Ledger {
    pub(super) fn delivery(
        &self,
        row: &received_mail::Model,
        key: &RequestKey,
    ) -> Result<Option<MailDelivery>, LedgerError> {
        let Some(sealed) = &row.delivery else { return Ok(None) };
        let opened = self.vault().open_json::<MailDelivery>(key, &row::delivery(row::id(row)), sealed)?;
        Ok(Some(opened.into_inner()))
    }
}
