use std::time::Duration;

use habeas_domain::{Actor, RequestId, RequestState, TypedId, audit::AuditEvent};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;

use crate::{Ledger, LedgerError, clock, entity::request, literal::ALARM_AT};

/// An open request that is near its legal date or past it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearDue {
    /// Which request.
    pub request: RequestId,
    /// What it waits for.
    pub state: RequestState,
    /// The end of its last day, as the law can be read at its strictest.
    pub due_at: chrono::DateTime<chrono::Utc>,
}

impl Ledger {
    /// Open requests whose last day ends within `ahead` in the earliest reading of the law, whatever state they are in, that
    /// were not reported yet for this due date. Reporting is recorded in the audit trail, so that nothing runs past its date in silence.
    pub async fn report_near_due(&self, ahead: Duration, limit: u64) -> Result<Vec<NearDue>, LedgerError> {
        let horizon = clock::stored(self.ids().now()) + clock::micros(ahead);
        let due = request::Entity::find()
            .filter(request::Column::ClosedAt.is_null())
            .filter(Expr::cust(ALARM_AT).lte(horizon))
            .filter(request::Column::Alerts.eq(0))
            .order_by_asc(Expr::cust(ALARM_AT))
            .limit(limit)
            .all(self.db())
            .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let mut unit = self.begin().await?;
        let requests = unit.lock(due.iter().map(|row| RequestId::from_uuid(row.id))).await?;
        let mut reported = Vec::with_capacity(requests.len());
        for (id, row) in requests.iter().filter(|(_, row)| row.closed_at.is_none() && row.alerts == 0) {
            let Ok(state) = row.state.parse() else {
                // Told in every round: it must keep no other from being reported, and must not fall silent either.
                tracing::error!(request = %id, "a request near its legal date is in a state that cannot be read");
                continue;
            };
            let changes = request::ActiveModel {
                id: Unchanged(row.id),
                alerts: Set(row.alerts + 1),
                ..Default::default()
            };
            changes.update(&unit.tx).await?;
            let event = AuditEvent::new("near-due", Actor::System)
                .with(json!({ "due_on": row.due_on, "alert_on": row.alert_on, "state": row.state }));
            unit.audit(*id, event);
            reported.push(NearDue { request: *id, state, due_at: alarm_at(row) });
        }
        unit.commit().await?;
        Ok(reported)
    }
}

/// When the alarm about a request stands: [`ALARM_AT`] of a row that was read.
pub(crate) fn alarm_at(row: &request::Model) -> chrono::DateTime<chrono::Utc> {
    clock::moment(row.alert_at.map_or(row.due_at, |alert| Ord::min(alert, row.due_at)))
}
