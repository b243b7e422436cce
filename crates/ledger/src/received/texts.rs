//! What the mails of a request say: whatever stands there, others may have read or written.

use std::collections::HashMap;

use habeas_domain::{Personal, RequestId, TypedId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::{decide::SealedReading, row};
use crate::{
    Ledger, LedgerError,
    entity::{received_content, received_mail},
};

impl Ledger {
    /// Every text that was understood of the mails of a request: subjects, words, names, identifiers.
    pub async fn texts_of_mails(&self, request: RequestId) -> Result<Vec<Personal<String>>, LedgerError> {
        let rows = received_mail::Entity::find()
            .filter(received_mail::Column::RequestId.eq(request.uuid()))
            .filter(received_mail::Column::WrappedKey.is_not_null())
            .all(self.db())
            .await?;
        let readings: Vec<(Uuid, Option<Vec<u8>>)> = received_content::Entity::find()
            .select_only()
            .columns([received_content::Column::MailId, received_content::Column::Reading])
            .filter(received_content::Column::MailId.is_in(rows.iter().map(|row| row.id)))
            .into_tuple()
            .all(self.db())
            .await?;
        let mut readings: HashMap<Uuid, Option<Vec<u8>>> = readings.into_iter().collect();
        let mut texts = Vec::new();
        for mail in rows {
            let Some(sealed) = readings.remove(&mail.id).flatten() else { continue };
            let key = row::key(self.vault(), &mail)?;
            let context = row::reading(row::id(&mail));
            let reading = self.vault().open_json::<SealedReading>(&key, &context, &sealed)?.into_inner();
            said(reading.understanding, false, &mut texts);
        }
        Ok(texts)
    }
}

/// The fields of a reading that hold what somebody wrote. The rest is made by machines: moments, sizes, digests.
const WRITTEN: [&str; 4] = ["subject", "text", "name", "value"];

fn said(value: Value, written: bool, texts: &mut Vec<Personal<String>>) {
    match value {
        Value::String(text) if written => texts.push(Personal::new(text)),
        Value::Array(items) => items.into_iter().for_each(|item| said(item, written, texts)),
        Value::Object(fields) => {
            for (name, item) in fields {
                said(item, WRITTEN.contains(&name.as_str()), texts);
            }
        }
        _ => {}
    }
}
