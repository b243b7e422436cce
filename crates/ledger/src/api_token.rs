use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use habeas_domain::{TokenId, TypedId};
use habeas_vault::ApiToken;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

use crate::{Ledger, LedgerError, Scope, clock, corrupt::parse, entity::api_token};

/// A token of the API as it is kept: never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its id, which names its holder in audit trails.
    pub id: TokenId,
    /// What its maker called it.
    pub name: String,
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

    fn read(row: api_token::Model) -> Result<Self, LedgerError> {
        let scopes = row.scopes.split_whitespace();
        Ok(Self {
            id: TokenId::from_uuid(row.id),
            scopes: scopes
                .map(|scope| parse(scope, "api_token", "scopes", row.id))
                .collect::<Result<_, _>>()?,
            name: row.name,
            created_at: clock::moment(row.created_at),
            expires_at: clock::moment(row.expires_at),
            revoked_at: row.revoked_at.map(clock::moment),
        })
    }
}

impl Ledger {
    /// Makes a token. What is returned is the only copy: only its SHA-256 is kept.
    pub async fn create_token(
        &self,
        name: &str,
        scopes: &BTreeSet<Scope>,
        expires_at: DateTime<Utc>,
    ) -> Result<(TokenId, ApiToken), LedgerError> {
        let id: TokenId = self.ids().fresh();
        let token = self.vault().new_api_token();
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let row = api_token::ActiveModel {
            id: Set(id.uuid()),
            name: Set(name.to_owned()),
            secret_hash: Set(token.hash().as_bytes().to_vec()),
            scopes: Set(scopes.join(" ")),
            created_at: Set(clock::stored(self.ids().now())),
            expires_at: Set(clock::stored(expires_at)),
            revoked_at: Set(None),
        };
        api_token::Entity::insert(row).exec_without_returning(self.db()).await?;
        Ok((id, token))
    }

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
    pub async fn list_tokens(&self) -> Result<Vec<TokenRecord>, LedgerError> {
        let rows = api_token::Entity::find()
            .order_by_desc(api_token::Column::CreatedAt)
            .order_by_desc(api_token::Column::Id)
            .all(self.db())
            .await?;
        rows.into_iter().map(TokenRecord::read).collect()
    }

    /// Ends a token at once and for ever. Returns whether it had not been revoked before.
    pub async fn revoke_token(&self, id: TokenId) -> Result<bool, LedgerError> {
        let revoked = api_token::Entity::update_many()
            .col_expr(api_token::Column::RevokedAt, Expr::value(clock::stored(self.ids().now())))
            .filter(api_token::Column::Id.eq(id.uuid()))
            .filter(api_token::Column::RevokedAt.is_null())
            .exec(self.db())
            .await?;
        if revoked.rows_affected == 0
            && api_token::Entity::find_by_id(id.uuid()).one(self.db()).await?.is_none()
        {
            return Err(LedgerError::NotFound("token"));
        }
        Ok(revoked.rows_affected > 0)
    }
}
