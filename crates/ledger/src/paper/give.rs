use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, PaperId, PaperKind, PaperState, Personal, RequestId, TypedId,
    audit::AuditEvent,
    paper::{PaperEvent, PaperRefused, media_type},
};
use habeas_vault::TokenHash;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, sea_query::Expr,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    PaperView,
    ask::{blank, waits_until},
    row,
};
use crate::{
    Ledger, LedgerError, Purpose, clock,
    entity::{challenge, paper, paper_content, request},
    sealed,
    unit::Unit,
};

/// What is handed in.
struct Handed<'a> {
    content: &'a Personal<Vec<u8>>,
    media_type: &'static str,
    by: Actor,
    /// How long it is kept if nobody decides.
    until: DateTime<Utc>,
}

impl Ledger {
    /// Takes a paper by the link that was mailed for it, once. Nothing if the link is used, over or made up, or the
    /// paper is not wanted any more.
    ///
    /// # Errors
    /// [`LedgerError::Paper`] if the file is not taken; the link can be used again then.
    pub async fn hand_in_paper(
        &self,
        token: &TokenHash,
        content: &Personal<Vec<u8>>,
        until: DateTime<Utc>,
    ) -> Result<Option<PaperView>, LedgerError> {
        let media_type = media_type(content.expose()).map_err(PaperRefused::from)?;
        let Some(wanted) = self.wanted_paper(token).await? else { return Ok(None) };
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([wanted.request]).await?;
        let Some(of) = requests.get_mut(&wanted.request) else { return Ok(None) };
        let row = unit.asked_paper(wanted.id).await?;
        let Some(row) = row.filter(|_| of.wrapped_key.is_some()) else { return Ok(None) };
        if !unit.use_paper_link(token).await? {
            return Ok(None);
        }
        let handed = Handed { content, media_type, by: giver(wanted.kind), until };
        let filled = unit.fill(of, row, &handed).await;
        self.commit_filled(unit, filled, (wanted.request, handed.by)).await?;
        self.paper(wanted.id).await.map(Some)
    }

    /// Takes a paper that reached staff in another way. One that shows who somebody is has to be asked for first.
    ///
    /// # Errors
    /// [`LedgerError::Paper`] if it is not taken or nothing waits for it.
    pub async fn add_paper(
        &self,
        request: RequestId,
        kind: PaperKind,
        content: &Personal<Vec<u8>>,
        by: Actor,
        until: DateTime<Utc>,
    ) -> Result<PaperView, LedgerError> {
        let media_type = media_type(content.expose()).map_err(PaperRefused::from)?;
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let of = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        let asked = unit.open_paper(of, kind).await?;
        unit.may_take(of, kind, asked.as_ref())?;
        let row = match asked {
            Some(asked) => asked,
            None if kind == PaperKind::IdentityDocument => return Err(PaperRefused::AskFirst.into()),
            None => unit.unasked(of, kind, until).await?,
        };
        let id = row::id(&row);
        let filled = unit.fill(of, row, &Handed { content, media_type, by, until }).await;
        self.commit_filled(unit, filled, (request, by)).await?;
        self.paper(id).await
    }

    /// A mandate that does not count is not kept; that it was given is noted.
    async fn commit_filled(
        &self,
        unit: Unit<'_>,
        filled: Result<(), LedgerError>,
        (request, by): (RequestId, Actor),
    ) -> Result<(), LedgerError> {
        let Err(error) = filled else { return unit.commit().await };
        drop(unit);
        if let LedgerError::Paper(PaperRefused::Upload(why)) = &error
            && why.is_about_a_mandate()
        {
            self.mandate_refused(request, *why, by).await?;
        }
        Err(error)
    }
}

/// Who holds the link that was mailed for a paper of this kind.
const fn giver(kind: PaperKind) -> Actor {
    match kind {
        PaperKind::IdentityDocument => Actor::Subject,
        PaperKind::Mandate => Actor::Agent,
        PaperKind::GuardianProof => Actor::Guardian,
    }
}

impl Unit<'_> {
    async fn asked_paper(&self, id: PaperId) -> Result<Option<paper::Model>, LedgerError> {
        let row = paper::Entity::find_by_id(id.uuid()).one(&self.tx).await?;
        Ok(row.filter(|row| row.state == PaperState::Asked.as_str()))
    }

    async fn unasked(
        &self,
        of: &mut request::Model,
        kind: PaperKind,
        until: DateTime<Utc>,
    ) -> Result<paper::Model, LedgerError> {
        let row = blank(self.ledger.ids().fresh(), of.id, kind, clock::stored(until));
        row.clone().into_active_model().insert(&self.tx).await?;
        of.papers += 1;
        Ok(row)
    }

    async fn use_paper_link(&self, token: &TokenHash) -> Result<bool, LedgerError> {
        let now = self.stored_now();
        let used = challenge::Entity::update_many()
            .col_expr(challenge::Column::UsedAt, Expr::value(now))
            .filter(challenge::Column::TokenHash.eq(token.as_bytes().to_vec()))
            .filter(challenge::Column::Purpose.eq(Purpose::Paper.as_str()))
            .filter(challenge::Column::UsedAt.is_null())
            .filter(challenge::Column::LinkExpiresAt.gt(now))
            .exec(&self.tx)
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// Whether the same file was given in another request.
    async fn is_reused(&self, lookup: &[u8], of: &request::Model) -> Result<bool, LedgerError> {
        let elsewhere = paper::Entity::find()
            .filter(paper::Column::Lookup.eq(lookup.to_vec()))
            .filter(paper::Column::RequestId.ne(of.id))
            .count(&self.tx)
            .await?;
        Ok(elsewhere > 0)
    }

    async fn fill(
        &mut self,
        of: &mut request::Model,
        row: paper::Model,
        handed: &Handed<'_>,
    ) -> Result<(), LedgerError> {
        let id = row::id(&row);
        let state = row::state(&row)?.after(PaperEvent::Given)?;
        let content = handed.content.expose();
        let sha256 = Sha256::digest(content);
        let vault = self.ledger.vault();
        let lookup = self.ledger.paper_lookup(&hex::encode(sha256));
        if row::kind(&row)? == PaperKind::Mandate {
            self.check_mandate(of, &hex::encode(sha256), &lookup).await?;
        }
        let reused = self.is_reused(&lookup, of).await?;
        let sealed = vault.seal(&sealed::key(vault, of)?, &row::content(id), content)?;
        let (kind, size) = (row.kind.clone(), i64::try_from(content.len()).unwrap_or(i64::MAX));
        paper_content::Model { paper_id: id.uuid(), content: sealed }
            .into_active_model()
            .insert(&self.tx)
            .await?;
        let mut change = row.into_active_model();
        change.state = Set(state.as_str().to_owned());
        change.given_by = Set(Some(handed.by.to_string()));
        change.given_at = Set(Some(self.stored_now()));
        change.media_type = Set(Some(handed.media_type.to_owned()));
        change.size = Set(Some(size));
        change.sha256 = Set(Some(sha256.to_vec()));
        change.lookup = Set(Some(lookup));
        change.reused = Set(reused);
        change.ends_at = Set(clock::stored(handed.until));
        change.update(&self.tx).await?;
        waits_until(of, clock::stored(handed.until));
        self.changes.request(of);
        let detail = json!({
            "paper": id, "kind": kind, "media_type": handed.media_type, "bytes": size, "reused": reused,
        });
        self.audit(RequestId::from_uuid(of.id), AuditEvent::new("paper-given", handed.by).with(detail));
        Ok(())
    }
}
