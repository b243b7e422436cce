use chrono::{DateTime, Utc};
use habeas_domain::{Actor, JobId, PackageId, RequestId, TypedId, audit::AuditEvent};
use habeas_vault::TokenHash;
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
    sea_query::{Expr, Query},
};
use serde_json::json;

use crate::{
    Ledger, LedgerError, Listed, clock,
    entity::{agent_package, package, request},
};

/// A package that is kept for a person to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRecord {
    /// Its id.
    pub id: PackageId,
    /// Of which request.
    pub request: RequestId,
    /// Of which job.
    pub job: JobId,
    /// The sealed object that holds it.
    pub object: String,
    /// SHA-256 of the ZIP, before sealing.
    pub sha256: [u8; 32],
    /// Bytes of the ZIP.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
    /// When its link ends.
    pub expires_at: DateTime<Utc>,
    /// How often it can still be fetched.
    pub downloads_left: u32,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// Whether it was found by the link of the agent to whom the person gave it; then the end of the link and the
    /// downloads are those of the agent.
    pub for_agent: bool,
}

/// Whether nothing is handed out on a request: it is disputed, or was stopped with its agent.
pub(crate) const fn is_closed(of: &request::Model) -> bool {
    of.disputed_at.is_some() || of.agent_stopped_at.is_some()
}

impl PackageRecord {
    /// Whether it can be fetched at that moment.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.downloads_left > 0 && self.expires_at > now
    }

    pub(crate) fn read(row: package::Model) -> Result<Self, LedgerError> {
        let unreadable =
            |_| LedgerError::Corrupt { table: "package", column: "sha256", row: row.id.to_string() };
        Ok(Self {
            id: PackageId::from_uuid(row.id),
            request: RequestId::from_uuid(row.request_id),
            job: JobId::from_uuid(row.job_id),
            object: row.object,
            sha256: row.sha256.try_into().map_err(unreadable)?,
            bytes: u64::try_from(row.bytes).unwrap_or(0),
            rows: u64::try_from(row.rows_held).unwrap_or(0),
            expires_at: clock::moment(row.expires_at),
            downloads_left: u32::try_from(row.downloads_left).unwrap_or(0),
            created_at: clock::moment(row.created_at),
            for_agent: false,
        })
    }
}

impl Ledger {
    /// The package that a link's token belongs to, whether it can still be fetched or not. Nothing while somebody at an
    /// address on file says that the request is not theirs.
    pub async fn package_by_token(&self, token: &TokenHash) -> Result<Option<PackageRecord>, LedgerError> {
        let row = package::Entity::find()
            .filter(package::Column::TokenHash.eq(token.as_bytes().to_vec()))
            .one(self.db())
            .await?;
        let Some(row) = row else { return self.package_of_agent(token).await };
        let of = request::Entity::find_by_id(row.request_id).one(self.db()).await?;
        if of.is_none_or(|of| is_closed(&of)) {
            return Ok(None);
        }
        PackageRecord::read(row).map(Some)
    }

    /// The package of that id, if it is still kept.
    pub async fn package(&self, id: PackageId) -> Result<Option<PackageRecord>, LedgerError> {
        let row = package::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        row.map(PackageRecord::read).transpose()
    }

    /// The package of a job, if it made one that is still kept.
    pub async fn package_of_job(&self, job: JobId) -> Result<Option<PackageRecord>, LedgerError> {
        let row =
            package::Entity::find().filter(package::Column::JobId.eq(job.uuid())).one(self.db()).await?;
        row.map(PackageRecord::read).transpose()
    }

    /// Uses up one download, however many are asked for at once. Nothing, if none is left, the link has ended, or the
    /// request is disputed.
    pub async fn use_download(&self, id: PackageId) -> Result<Option<PackageRecord>, LedgerError> {
        let now = clock::stored(self.ids().now());
        let fetch = package::Entity::update_many()
            .col_expr(package::Column::DownloadsLeft, Expr::col(package::Column::DownloadsLeft).sub(1))
            .filter(package::Column::DownloadsLeft.gt(0))
            .filter(package::Column::ExpiresAt.gt(now));
        self.change_package(id, fetch, "package-fetched", Actor::Subject).await
    }

    /// Gives a package a new link; the link before ends. Fails with [`LedgerError::NotFound`] once it is forgotten.
    pub async fn renew_package(
        &self,
        id: PackageId,
        token: TokenHash,
        expires_at: DateTime<Utc>,
        downloads: u32,
        by: Actor,
    ) -> Result<PackageRecord, LedgerError> {
        let renew = package::Entity::update_many()
            .col_expr(package::Column::TokenHash, Expr::value(token.as_bytes().to_vec()))
            .col_expr(package::Column::ExpiresAt, Expr::value(clock::stored(expires_at)))
            .col_expr(package::Column::DownloadsLeft, Expr::value(i64::from(downloads)));
        let renewed = self.change_package(id, renew, "package-renewed", by).await?;
        renewed.ok_or(LedgerError::NotFound("package"))
    }

    async fn change_package(
        &self,
        id: PackageId,
        change: UpdateMany<package::Entity>,
        event: &str,
        by: Actor,
    ) -> Result<Option<PackageRecord>, LedgerError> {
        let Some(of) = package::Entity::find_by_id(id.uuid()).one(self.db()).await? else { return Ok(None) };
        let request = RequestId::from_uuid(of.request_id);
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        // Somebody at an address on file says that this request is not theirs: nothing is handed out on it.
        if requests.get(&request).is_none_or(is_closed) {
            return Ok(None);
        }
        let change = change.filter(package::Column::Id.eq(id.uuid()));
        let Some(row) = change.exec_with_returning(&unit.tx).await?.pop() else { return Ok(None) };
        let detail = json!({ "package": id, "downloads_left": row.downloads_left });
        unit.audit(request, AuditEvent::new(event, by).with(detail));
        unit.commit().await?;
        PackageRecord::read(row).map(Some)
    }

    /// Packages whose link ended before `before`, and that of an agent who has one, longest ended first: their objects can
    /// be deleted, and then forgotten with [`Ledger::forget_package`]. Until then they can be renewed.
    pub async fn expired_packages(
        &self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<PackageRecord>, LedgerError> {
        let agents_link = Query::select()
            .expr(Expr::value(1))
            .from(agent_package::Entity)
            .and_where(
                Expr::col((agent_package::Entity, agent_package::Column::PackageId))
                    .eq(Expr::col((package::Entity, package::Column::Id))),
            )
            .and_where(
                Expr::col((agent_package::Entity, agent_package::Column::ExpiresAt))
                    .gte(clock::stored(before)),
            )
            .to_owned();
        let rows = package::Entity::find()
            .filter(package::Column::ExpiresAt.lt(clock::stored(before)))
            .filter(Expr::exists(agents_link).not())
            .order_by_asc(package::Column::ExpiresAt)
            .limit(limit)
            .all(self.db())
            .await?;
        let read = Listed::read(rows, PackageRecord::read)?;
        for one in &read.unreadable {
            tracing::error!(package = %one.row, column = one.column, "a package that has ended cannot be read; it goes with its request");
        }
        Ok(read.items)
    }

    /// Records that a package's object is gone. Returns whether it was still known.
    pub async fn forget_package(&self, id: PackageId) -> Result<bool, LedgerError> {
        let Some(of) = package::Entity::find_by_id(id.uuid()).one(self.db()).await? else { return Ok(false) };
        let request = RequestId::from_uuid(of.request_id);
        let mut unit = self.begin().await?;
        unit.lock([request]).await?;
        agent_package::Entity::delete_by_id(id.uuid()).exec(&unit.tx).await?;
        let deleted = package::Entity::delete_by_id(id.uuid()).exec(&unit.tx).await?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        unit.audit(
            request,
            AuditEvent::new("package-forgotten", Actor::System).with(json!({ "package": id })),
        );
        unit.commit().await?;
        Ok(true)
    }
}
