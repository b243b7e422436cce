use habeas_domain::{RequestId, StoreName, TypedId, WorkKind, WorkState};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Cursor, Ledger, LedgerError, Page, WorkView,
    entity::work,
    literal::{UNSETTLED, work_is},
    page::{MOST, cut},
};

/// Which work to list. What is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkFilter {
    /// Only work in this state.
    pub state: Option<WorkState>,
    /// Only this kind.
    pub kind: Option<WorkKind>,
    /// Only in this store.
    pub store: Option<StoreName>,
    /// Only work that failed with this code and has not succeeded since.
    pub fault_code: Option<String>,
    /// Only of this request.
    pub request: Option<RequestId>,
}

impl WorkFilter {
    fn condition(&self) -> Condition {
        let failed = self.fault_code.as_ref().map(|code| {
            let unsettled =
                UNSETTLED.into_iter().fold(Condition::any(), |any, state| any.add(work_is(state)));
            Condition::all().add(work::Column::FaultCode.eq(code)).add(unsettled)
        });
        Condition::all()
            .add_option(self.state.map(work_is))
            .add_option(self.kind.map(|kind| work::Column::Kind.eq(kind.as_str())))
            .add_option(self.store.as_ref().map(|store| work::Column::Store.eq(store.as_str())))
            .add_option(self.request.map(|request| work::Column::RequestId.eq(request.uuid())))
            .add_option(failed)
    }
}

impl Ledger {
    /// Work, newest first, from `cursor` on. At most 500 at a time.
    pub async fn work_list(
        &self,
        filter: &WorkFilter,
        cursor: Option<Cursor>,
        limit: u64,
    ) -> Result<Page<WorkView>, LedgerError> {
        let limit = limit.clamp(1, MOST);
        // Ids begin with the time of their making, so that their order is that of age and needs no further index.
        let rows = work::Entity::find()
            .filter(filter.condition())
            .filter(Condition::all().add_option(cursor.map(|cursor| work::Column::Id.lt(cursor.id))))
            .order_by_desc(work::Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        cut(rows, limit, |row| Cursor { at: row.created_at, id: row.id }).read(|row| WorkView::read(&row))
    }
}
