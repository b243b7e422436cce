//! An agent's own way to the package that the person lets them have: their link, their downloads, and a new link when the
//! old one has ended.

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, PackageId, RequestId, TypedId, audit::AuditEvent};
use habeas_vault::TokenHash;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, UpdateMany, sea_query::Expr};
use serde_json::json;

use crate::{
    Ledger, LedgerError, PackageRecord, clock,
    entity::{agent_package, package, request},
    package::is_closed,
};

/// Whether the person lets an agent have what is handed out on a request.
fn is_open_to_agent(of: &request::Model, now: i64) -> bool {
    let acts = of.agent_ended_at.is_none() && of.mandate_ends_at.is_none_or(|ends| ends > now);
    !is_closed(of) && acts && of.agent_receives_at.is_some()
}

fn for_agent(package: package::Model, own: &agent_package::Model) -> Result<PackageRecord, LedgerError> {
    Ok(PackageRecord {
        expires_at: clock::moment(own.expires_at),
        downloads_left: u32::try_from(own.downloads_left).unwrap_or(0),
        for_agent: true,
        ..PackageRecord::read(package)?
    })
}

impl Ledger {
    /// The package that the link of an agent belongs to: nothing, unless the person still lets them have it.
    pub(crate) async fn package_of_agent(
        &self,
        token: &TokenHash,
    ) -> Result<Option<PackageRecord>, LedgerError> {
        let found = agent_package::Entity::find()
            .filter(agent_package::Column::TokenHash.eq(token.as_bytes().to_vec()))
            .one(self.db())
            .await?;
        let Some(own) = found else { return Ok(None) };
        let Some(row) = package::Entity::find_by_id(own.package_id).one(self.db()).await? else {
            return Ok(None);
        };
        let of = request::Entity::find_by_id(row.request_id).one(self.db()).await?;
        if !of.is_some_and(|of| is_open_to_agent(&of, clock::stored(self.ids().now()))) {
            return Ok(None);
        }
        for_agent(row, &own).map(Some)
    }

    /// Uses up one download of the agent to whom the person gave a package, however many are asked for at once. Nothing if
    /// none is left, the link has ended, or the person no longer lets them have it.
    pub async fn use_agent_download(&self, id: PackageId) -> Result<Option<PackageRecord>, LedgerError> {
        let fetch = agent_package::Entity::update_many()
            .col_expr(
                agent_package::Column::DownloadsLeft,
                Expr::col(agent_package::Column::DownloadsLeft).sub(1),
            )
            .filter(agent_package::Column::DownloadsLeft.gt(0))
            .filter(agent_package::Column::ExpiresAt.gt(clock::stored(self.ids().now())));
        self.change_agent_package(id, fetch, "package-fetched").await
    }

    /// Gives the agent to whom the person gave a package a new link to it; the link before ends, and the person's own stays as
    /// it is. Nothing if the package is forgotten, or the person no longer lets them have it.
    pub async fn renew_agent_package(
        &self,
        id: PackageId,
        token: TokenHash,
        expires_at: DateTime<Utc>,
        downloads: u32,
    ) -> Result<Option<PackageRecord>, LedgerError> {
        let renew = agent_package::Entity::update_many()
            .col_expr(agent_package::Column::TokenHash, Expr::value(token.as_bytes().to_vec()))
            .col_expr(agent_package::Column::ExpiresAt, Expr::value(clock::stored(expires_at)))
            .col_expr(agent_package::Column::DownloadsLeft, Expr::value(i64::from(downloads)));
        self.change_agent_package(id, renew, "package-renewed").await
    }

    async fn change_agent_package(
        &self,
        id: PackageId,
        change: UpdateMany<agent_package::Entity>,
        event: &str,
    ) -> Result<Option<PackageRecord>, LedgerError> {
        let Some(of) = package::Entity::find_by_id(id.uuid()).one(self.db()).await? else { return Ok(None) };
        let request = RequestId::from_uuid(of.request_id);
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        if !requests.get(&request).is_some_and(|row| is_open_to_agent(row, unit.stored_now())) {
            return Ok(None);
        }
        let change = change.filter(agent_package::Column::PackageId.eq(id.uuid()));
        let Some(own) = change.exec_with_returning(&unit.tx).await?.pop() else { return Ok(None) };
        let detail = json!({ "package": id, "downloads_left": own.downloads_left });
        unit.audit(request, AuditEvent::new(event, Actor::Agent).with(detail));
        unit.commit().await?;
        for_agent(of, &own).map(Some)
    }
}
