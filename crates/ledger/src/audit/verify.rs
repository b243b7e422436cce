use habeas_domain::{RequestId, TypedId};
use sea_orm::{
    Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use super::{AuditBreak, AuditReport, chain_walk::ChainWalk, read::entry};
use crate::{
    Ledger, LedgerError,
    entity::{audit, audit_checkpoint, request},
};

/// How many rows are in memory at once.
pub(super) const AT_ONCE: u64 = 2_000;

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditProgress {
    /// Chains begun.
    pub requests: u64,
    /// Entries checked.
    pub entries: u64,
}

impl Ledger {
    /// Checks every chain from its first entry to its last, in pages, so that memory stays flat. What a chain alone
    /// cannot tell, [`Ledger::verify_against_checkpoint`] does.
    pub async fn verify_audit(
        &self,
        mut progress: impl FnMut(AuditProgress) + Send,
    ) -> Result<AuditReport, LedgerError> {
        let mut walk = ChainWalk::default();
        let mut last: Option<(Uuid, i64)> = None;
        loop {
            let page = self.audit_page(last).await?;
            let Some(row) = page.last() else { break };
            last = Some((row.request_id, row.seq));
            page.into_iter().map(entry).for_each(|entry| walk.step(&entry));
            progress(AuditProgress { requests: walk.report.requests, entries: walk.report.entries });
        }
        let mut report = walk.report;
        self.look_for_lost_chains(&mut report).await?;
        Ok(report)
    }

    async fn audit_page(&self, last: Option<(Uuid, i64)>) -> Result<Vec<audit::Model>, LedgerError> {
        let after = last.map(|(request, seq)| {
            Expr::tuple([Expr::col(audit::Column::RequestId), Expr::col(audit::Column::Seq)])
                .gt(Expr::tuple([Expr::value(request), Expr::value(seq)]))
        });
        Ok(audit::Entity::find()
            .filter(Condition::all().add_option(after))
            .order_by_asc(audit::Column::RequestId)
            .order_by_asc(audit::Column::Seq)
            .limit(AT_ONCE)
            .all(self.db())
            .await?)
    }

    /// A request always has at least the entry of its arrival, and chains are never deleted.
    async fn look_for_lost_chains(&self, report: &mut AuditReport) -> Result<(), LedgerError> {
        let chain = Query::select()
            .expr(Expr::value(1))
            .from(audit::Entity)
            .and_where(
                Expr::col((audit::Entity, audit::Column::RequestId))
                    .eq(Expr::col((request::Entity, request::Column::Id))),
            )
            .to_owned();
        let without: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(Expr::not_exists(chain))
            .order_by_asc(request::Column::Id)
            .limit(AT_ONCE)
            .into_tuple()
            .all(self.db())
            .await?;
        for id in without {
            report.add(AuditBreak::NoChain { request: RequestId::from_uuid(id) });
        }
        let latest = audit_checkpoint::Entity::find()
            .order_by_desc(audit_checkpoint::Column::CreatedAt)
            .one(self.db())
            .await?;
        let expected = latest.map_or(0, |row| row.chains.unsigned_abs());
        if report.requests < expected {
            report.add(AuditBreak::FewerChains { expected, found: report.requests });
        }
        Ok(())
    }
}
