//! Whether somebody was handed what the stores hold, so that knowing it proves nothing any longer.

use chrono::{DateTime, Utc};
use habeas_domain::EmailAddress;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    Ledger, LedgerError,
    among::among,
    clock,
    entity::{audit, request},
    prove::DOWNLOAD_ALLOWED,
};

impl Ledger {
    /// Whether a package of a request of one of these addresses was opened since then, by the person or by an agent. It stays
    /// known when the package and the request's personal data are gone. One statement for everybody.
    pub async fn was_handed_a_copy(
        &self,
        addresses: impl IntoIterator<Item = &EmailAddress>,
        since: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let lookups = addresses.into_iter().map(|address| self.subject_lookup(address));
        let theirs = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(among(request::Column::SubjectLookup, lookups))
            .into_query();
        let opened = audit::Entity::find()
            .filter(audit::Column::RequestId.in_subquery(theirs))
            .filter(audit::Column::Event.eq(DOWNLOAD_ALLOWED))
            .filter(audit::Column::At.gt(clock::stored(since)));
        Ok(opened.count(self.db()).await? > 0)
    }
}
