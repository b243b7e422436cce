//! Requests of people whom our own mail server, or a fault of ours, kept from being asked who they are. Nobody failed to answer, so
//! that they do not lapse: they wait for ops, with the alarms of their legal dates, and whoever is asked late has time to answer.

use chrono::TimeDelta;
use habeas_domain::{
    RequestId, RequestState, TypedId, WorkKind, WorkState,
    fault::RECIPIENT_REFUSED,
    letter::{ASKS_FOR_PROOF, ASKS_THE_PERSON},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Alias, Expr, IntoIden, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    LedgerError, MailState,
    among::among,
    clock,
    entity::{mail, request, work},
    literal::work_is,
    unit::Unit,
};

/// How long somebody has at the least to show who they are, once what asks them was put back.
const ASKED_LATE: TimeDelta = TimeDelta::days(7);

/// Of requests those of which something that asks for a proof is parked, and nothing that asks for the same ever went out. An
/// address that takes no mail is not for ops to mend.
pub(crate) fn is_unasked() -> SimpleExpr {
    Expr::exists(parked_mails())
        .or(Expr::exists(parked_challenges()).and(Expr::exists(sent_to_person()).not()))
}

fn of_request(column: impl ColumnTrait) -> SimpleExpr {
    Expr::col(column.as_column_ref()).eq(Expr::col((request::Entity, request::Column::Id)))
}

fn parked(kind: WorkKind) -> Condition {
    Condition::all()
        .add(work_is(WorkState::Parked))
        .add(work::Column::Kind.eq(kind.as_str()))
        .add(work::Column::FaultCode.ne(RECIPIENT_REFUSED))
}

fn parked_challenges() -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(work::Entity)
        .and_where(of_request(work::Column::RequestId))
        .cond_where(parked(WorkKind::Challenge))
        .to_owned()
}

fn sent_to_person() -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from(mail::Entity)
        .and_where(of_request(mail::Column::RequestId))
        .and_where(mail::Column::Kind.is_in(ASKS_THE_PERSON))
        .and_where(mail::Column::State.eq(MailState::Sent.as_str()))
        .to_owned()
}

/// Mails that wait for ops and are the first of their kind.
fn parked_mails() -> SelectStatement {
    let other = Alias::new("other").into_iden();
    let of_other = |column: mail::Column| Expr::col((other.clone(), column));
    let went_out = Query::select()
        .expr(Expr::value(1))
        .from_as(mail::Entity, other.clone())
        .and_where(of_other(mail::Column::RequestId).eq(Expr::col((mail::Entity, mail::Column::RequestId))))
        .and_where(of_other(mail::Column::Kind).eq(Expr::col((mail::Entity, mail::Column::Kind))))
        .and_where(of_other(mail::Column::State).eq(MailState::Sent.as_str()))
        .to_owned();
    Query::select()
        .expr(Expr::value(1))
        .from(work::Entity)
        .inner_join(
            mail::Entity,
            Expr::col((mail::Entity, mail::Column::Id)).eq(Expr::col((work::Entity, work::Column::TargetId))),
        )
        .and_where(of_request(work::Column::RequestId))
        .cond_where(parked(WorkKind::Mail))
        .and_where(mail::Column::Kind.is_in(ASKS_FOR_PROOF))
        .and_where(Expr::not_exists(went_out))
        .to_owned()
}

impl Unit<'_> {
    /// Of these requests those that were asked, or of which nothing of ours stands in the way.
    pub(crate) async fn not_unasked(
        &self,
        requests: impl IntoIterator<Item = RequestId>,
    ) -> Result<Vec<RequestId>, LedgerError> {
        let ids: Vec<Uuid> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(among(request::Column::Id, requests.into_iter().map(TypedId::uuid)))
            .filter(is_unasked().not())
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(ids.into_iter().map(RequestId::from_uuid).collect())
    }

    /// Gives the people of these requests time, where what is put back asks them for a proof: it was not their delay.
    pub(crate) fn asked_late<'r>(
        &mut self,
        requests: impl Iterator<Item = &'r mut request::Model>,
        put_back: &[work::Model],
        mails: &[mail::Model],
    ) {
        let asks = |row: &request::Model| {
            let challenge = |work: &work::Model| work.kind == WorkKind::Challenge.as_str();
            put_back.iter().any(|work| work.request_id == row.id && challenge(work))
                || mails
                    .iter()
                    .any(|mail| mail.request_id == row.id && ASKS_FOR_PROOF.contains(&mail.kind.as_str()))
        };
        let waits = RequestState::AwaitingVerification.as_str();
        for row in requests.filter(|row| row.state == waits && asks(row)) {
            let usual = clock::moment(row.lapse_at) - clock::moment(row.received_at);
            let at_least = clock::stored(self.now + Ord::min(usual, ASKED_LATE));
            row.lapse_at = Ord::max(row.lapse_at, at_least);
            self.changes.request(row);
        }
    }
}
