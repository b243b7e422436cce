//! Making and revoking tokens, each written into the chain of its holder.

use std::collections::BTreeSet;

use habeas_domain::{Actor, Holder, RequestId, TokenId, TokenLife, TokenName, TypedId, audit::AuditEvent};
use habeas_vault::ApiToken;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    EntityTrait, QueryOrder,
};
use serde_json::json;
use uuid::Uuid;

use super::TokenRecord;
use crate::{Ledger, LedgerError, Scope, clock, entity::api_token, race::again_after_race, unit::Unit};

/// The advisory lock under which holders are looked up.
const HOLDERS: u8 = 0;

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What to call it.
    pub name: TokenName,
    /// Who will hold it.
    pub holder: Holder,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// How long it works.
    pub life: TokenLife,
}

impl Ledger {
    /// Makes a token for `by`. The secret that is returned is the only copy: only its SHA-256 is kept.
    pub async fn create_token(
        &self,
        new: &NewToken,
        by: Actor,
    ) -> Result<(TokenRecord, ApiToken), LedgerError> {
        let token = self.vault().new_api_token();
        Ok((self.keep_token(&token, new, by).await?, token))
    }

    /// The same for a secret that the caller made, and has put where it is not lost.
    pub async fn keep_token(
        &self,
        token: &ApiToken,
        new: &NewToken,
        by: Actor,
    ) -> Result<TokenRecord, LedgerError> {
        again_after_race(|| self.keep_token_once(token, new, by)).await
    }

    async fn keep_token_once(
        &self,
        token: &ApiToken,
        new: &NewToken,
        by: Actor,
    ) -> Result<TokenRecord, LedgerError> {
        let mut unit = self.begin().await?;
        unit.one_after_another(&[vec![HOLDERS]]).await?;
        let id: TokenId = self.ids().fresh();
        let holder = unit.holder(&new.holder).await?.unwrap_or_else(|| id.uuid());
        let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
        let expires_at = unit.now + new.life.span();
        let row = api_token::ActiveModel {
            id: Set(id.uuid()),
            name: Set(new.name.to_string()),
            secret_hash: Set(token.hash().as_bytes().to_vec()),
            scopes: Set(scopes.join(" ")),
            created_at: Set(unit.stored_now()),
            expires_at: Set(clock::stored(expires_at)),
            revoked_at: Set(None),
            holder: Set(Some(new.holder.to_string())),
            holder_id: Set(Some(holder)),
        };
        let row = row.insert(&unit.tx).await?;
        let detail = json!({ "token": id, "scopes": new.scopes, "expires_at": expires_at });
        unit.audit(chain(holder), AuditEvent::new("token-made", by).with(detail));
        unit.commit().await?;
        TokenRecord::read(row)
    }

    /// Ends a token at once and for ever. Returns whether it had not been revoked before.
    pub async fn revoke_token(&self, id: TokenId, by: Actor) -> Result<bool, LedgerError> {
        again_after_race(|| self.revoke_token_once(id, by)).await
    }

    async fn revoke_token_once(&self, id: TokenId, by: Actor) -> Result<bool, LedgerError> {
        let mut unit = self.begin().await?;
        unit.one_after_another(&[vec![HOLDERS]]).await?;
        let found = api_token::Entity::find_by_id(id.uuid()).one(&unit.tx).await?;
        let row = found.ok_or(LedgerError::NotFound("token"))?;
        if row.revoked_at.is_some() {
            return Ok(false);
        }
        let change = api_token::ActiveModel {
            id: Unchanged(row.id),
            revoked_at: Set(Some(unit.stored_now())),
            ..Default::default()
        };
        change.update(&unit.tx).await?;
        let chain = chain(row.holder_id.unwrap_or(row.id));
        unit.audit(chain, AuditEvent::new("token-revoked", by).with(json!({ "token": id })));
        unit.commit().await?;
        Ok(true)
    }
}

impl Unit<'_> {
    /// By what a holder is known, if they ever had a token.
    async fn holder(&self, holder: &Holder) -> Result<Option<Uuid>, LedgerError> {
        let rows = api_token::Entity::find()
            .order_by_asc(api_token::Column::CreatedAt)
            .order_by_asc(api_token::Column::Id)
            .all(&self.tx)
            .await?;
        let held = rows.iter().find(|row| holder.is(row.holder.as_deref().unwrap_or(&row.name)));
        Ok(held.map(|row| row.holder_id.unwrap_or(row.id)))
    }
}

/// The chain of a holder in the audit trail. It stands beside those of requests, and is checked and signed with them.
pub(crate) fn chain(holder: Uuid) -> RequestId {
    RequestId::from_uuid(holder)
}
