//! API tokens: who holds them, what they allow, until when.

mod make;

pub use make::NewToken;
pub(crate) use make::chain;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, TokenId, TypedId, audit::AuditEntry};
use habeas_vault::ApiToken;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    Ledger, LedgerError, Scope, clock,
    corrupt::{Listed, parse},
    entity::api_token,
};

/// A token of the API as it is kept: never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its id.
    pub id: TokenId,
    /// What its maker called it.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// The id of the first token that its holder had, by which audit trails name them.
    pub acts_as: TokenId,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl TokenRecord {
    /// Whether it allows this. [`Scope::Admin`] allows everything.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }

    /// Who acts with it: the holder, whichever of their tokens they use.
    pub const fn actor(&self) -> Actor {
        Actor::Token(self.acts_as)
    }

    fn read(row: api_token::Model) -> Result<Self, LedgerError> {
        let scopes = row.scopes.split_whitespace();
        Ok(Self {
            id: TokenId::from_uuid(row.id),
            scopes: scopes
                .map(|scope| parse(scope, "api_token", "scopes", row.id))
                .collect::<Result<_, _>>()?,
            holder: row.holder.unwrap_or_else(|| row.name.clone()),
            acts_as: TokenId::from_uuid(row.holder_id.unwrap_or(row.id)),
            name: row.name,
            created_at: clock::moment(row.created_at),
            expires_at: clock::moment(row.expires_at),
            revoked_at: row.revoked_at.map(clock::moment),
        })
    }
}

impl Ledger {
    /// Who holds this token; nobody if it is unknown, revoked or past its end.
    pub async fn authenticate(&self, token: &ApiToken) -> Result<Option<TokenRecord>, LedgerError> {
        let row = api_token::Entity::find()
            .filter(api_token::Column::SecretHash.eq(token.hash().as_bytes().to_vec()))
            .filter(api_token::Column::RevokedAt.is_null())
            .filter(api_token::Column::ExpiresAt.gt(clock::stored(self.ids().now())))
            .one(self.db())
            .await?;
        row.map(TokenRecord::read).transpose()
    }

    /// Every token that was ever made, newest first.
    pub async fn list_tokens(&self) -> Result<Listed<TokenRecord>, LedgerError> {
        let rows = api_token::Entity::find()
            .order_by_desc(api_token::Column::CreatedAt)
            .order_by_desc(api_token::Column::Id)
            .all(self.db())
            .await?;
        Listed::read(rows, TokenRecord::read)
    }

    /// One token, and what was done about its holder's tokens and looked up with them, oldest first.
    pub async fn token(&self, id: TokenId) -> Result<(TokenRecord, Vec<AuditEntry>), LedgerError> {
        let row = api_token::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        let token = TokenRecord::read(row.ok_or(LedgerError::NotFound("token"))?)?;
        let trail = self.audit_entries(chain(token.acts_as.uuid())).await?;
        Ok((token, trail))
    }
}
