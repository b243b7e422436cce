use habeas_domain::{PaperId, PaperState, Personal, RequestId, TypedId};
use habeas_vault::{RequestKey, TokenHash};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{PaperDetail, PaperView, row, view};
use crate::{
    Ledger, LedgerError, Listed, Purpose,
    entity::{paper, paper_content, paper_judgement as judgement, request},
    sealed,
};

impl Ledger {
    /// The papers of a request, oldest first.
    pub async fn papers(&self, request: RequestId) -> Result<Vec<PaperView>, LedgerError> {
        view::views_of(self.db(), &self.paper_rows(request).await?).await
    }

    async fn paper_rows(&self, request: RequestId) -> Result<Vec<paper::Model>, LedgerError> {
        Ok(paper::Entity::find()
            .filter(paper::Column::RequestId.eq(request.uuid()))
            .order_by_asc(paper::Column::Id)
            .all(self.db())
            .await?)
    }

    /// The same with what staff wrote, which is personal data. A paper that cannot be read keeps no other from being shown.
    pub async fn papers_in_detail(&self, request: RequestId) -> Result<Listed<PaperDetail>, LedgerError> {
        let of = request::Entity::find_by_id(request.uuid()).one(self.db()).await?;
        let of = of.ok_or(LedgerError::NotFound("request"))?;
        let rows = self.paper_rows(request).await?;
        let views = view::read_all(self.db(), &rows).await?;
        let mut judged = view::judgements(self.db(), rows.iter().map(|row| row.id)).await?;
        // Once the personal data are gone, so is what staff wrote.
        let key = of.wrapped_key.is_some().then(|| sealed::key(self.vault(), &of)).transpose()?;
        Listed::read(rows.iter().zip(views), |(one, view)| {
            self.in_detail(key.as_ref(), one, view?, &judged.remove(&one.id).unwrap_or_default())
        })
    }

    fn in_detail(
        &self,
        key: Option<&RequestKey>,
        row: &paper::Model,
        view: PaperView,
        judged: &[judgement::Model],
    ) -> Result<PaperDetail, LedgerError> {
        let open = |context, sealed: Option<&Vec<u8>>| match (key, sealed) {
            (Some(key), Some(sealed)) => {
                let opened = self.vault().open(key, &context, sealed)?;
                Ok(Some(opened.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())))
            }
            _ => Ok::<Option<Personal<String>>, LedgerError>(None),
        };
        let notes = judged.iter().map(|one| open(row::note(one.id), one.note.as_ref()));
        Ok(PaperDetail {
            reason: open(row::reason(view.id), row.reason.as_ref())?,
            notes: notes.collect::<Result<_, _>>()?,
            view,
        })
    }

    /// One paper.
    pub async fn paper(&self, id: PaperId) -> Result<PaperView, LedgerError> {
        let row = paper::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        let row = row.ok_or(LedgerError::NotFound("paper"))?;
        view::views_of(self.db(), &[row]).await?.pop().ok_or(LedgerError::NotFound("paper"))
    }

    /// The bytes of a paper that waits for its judgement.
    pub async fn paper_content(&self, id: PaperId) -> Result<Personal<Vec<u8>>, LedgerError> {
        let row = paper::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        let row = row.ok_or(LedgerError::NotFound("paper"))?;
        let content = paper_content::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        let content = content.ok_or(LedgerError::NotFound("content of this paper any more"))?;
        let of = request::Entity::find_by_id(row.request_id).one(self.db()).await?;
        let key = sealed::key(self.vault(), &of.ok_or(LedgerError::NotFound("request"))?)?;
        Ok(self.vault().open(&key, &row::content(id), &content.content)?)
    }

    /// The paper that the link of this token takes now. Changes nothing.
    pub async fn wanted_paper(&self, token: &TokenHash) -> Result<Option<PaperView>, LedgerError> {
        let Some(link) = self.challenge_by_token(token).await? else { return Ok(None) };
        if link.purpose != Purpose::Paper || !link.open {
            return Ok(None);
        }
        let row = paper::Entity::find()
            .filter(paper::Column::ChallengeId.eq(link.id))
            .filter(paper::Column::State.eq(PaperState::Asked.as_str()))
            .one(self.db())
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(view::views_of(self.db(), &[row]).await?.pop())
    }

    /// The paper that was asked for by the link of this token and is there, or was: by the link, or because staff brought it. Nothing
    /// once the link has ended. Changes nothing.
    pub async fn given_paper(&self, token: &TokenHash) -> Result<Option<PaperView>, LedgerError> {
        let link = self.challenge_by_token(token).await?;
        let Some(link) = link.filter(|link| link.purpose == Purpose::Paper && link.live) else {
            return Ok(None);
        };
        let row = paper::Entity::find()
            .filter(paper::Column::ChallengeId.eq(link.id))
            .filter(paper::Column::GivenAt.is_not_null())
            .one(self.db())
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(view::views_of(self.db(), &[row]).await?.pop())
    }
}
