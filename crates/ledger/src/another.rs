//! The link by which a person for whom nothing was found names something else that they are known by.

use chrono::TimeDelta;
use habeas_domain::{MessageId, RequestId, TypedId};
use habeas_vault::Token;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::{
    Ledger, LedgerError, Purpose, clock,
    entity::{challenge, request},
    unit::Unit,
};

/// How long the link works.
const LIFE: TimeDelta = TimeDelta::days(30);

impl Ledger {
    /// The secret of that link. The same each time: every letter of the request that found nothing carries it.
    pub fn another_token(&self, request: RequestId) -> Token {
        self.vault().standing_token("another", &request.to_string())
    }
}

impl Unit<'_> {
    /// Stores the link, once for a request. For a child nobody is asked: its guardian names what it is known by.
    pub(crate) async fn offer_another(&mut self, of: &request::Model) -> Result<(), LedgerError> {
        let token = self.ledger.another_token(RequestId::from_uuid(of.id)).hash().as_bytes().to_vec();
        let known = challenge::Entity::find().filter(challenge::Column::TokenHash.eq(token.clone()));
        if of.guardian.is_some() || self.changes.has_challenge(&token) || known.count(&self.tx).await? > 0 {
            return Ok(());
        }
        self.changes.challenge(challenge::ActiveModel {
            id: Set(self.ledger.ids().fresh::<MessageId>().uuid()),
            request_id: Set(of.id),
            purpose: Set(Purpose::Another.as_str().to_owned()),
            job_id: Set(None),
            package_id: Set(None),
            token_hash: Set(Some(token)),
            link_expires_at: Set(Some(clock::stored(self.now + LIFE))),
            code_expires_at: Set(None),
            code_hash: Set(None),
            tries_left: Set(0),
            created_at: Set(self.stored_now()),
            used_at: Set(None),
        });
        Ok(())
    }
}
