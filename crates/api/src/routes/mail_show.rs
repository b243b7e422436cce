use axum::{Json, extract::State};
use habeas_domain::ReceivedMailId;
use habeas_ledger::Scope;

use super::show::Reveal;
use crate::{
    caller::{Caller, Reading},
    json::received_mail::ReceivedMailJson,
    path_id::Id,
    problem::Problem,
    problem_docs::{OfOne, OfPerson, OfQuery, Usual},
    query::Asked,
    schemas,
    state::Api,
};

/// Show a mail that came in
///
/// Without personal data, unless `reveal=personal` asks for what was understood of it. That takes the scope `approve`,
/// and is written into the mail's audit trail before it is shown.
#[utoipa::path(
    get, path = "/v1/mails/{id}", tag = "mails", operation_id = "show_mail",
    params(
        ("id" = inline(schemas::IdWord), Path, description = "The mail's id."),
        ("reveal" = Option<String>, Query, description = "`personal` to see what is in it.", example = "personal")),
    responses((status = 200, description = "The mail.", body = ReceivedMailJson), Usual, OfOne, OfQuery, OfPerson),
    security(("token" = ["read"]))
)]
pub(crate) async fn show_mail(
    caller: Caller<Reading>,
    State(api): State<Api>,
    Id(id): Id<ReceivedMailId>,
    Asked(Reveal(reveal)): Asked<Reveal>,
) -> Result<Json<ReceivedMailJson>, Problem> {
    let ledger = &api.ports.ledger;
    if !reveal {
        return Ok(Json(ledger.mail_view(id).await?.into()));
    }
    caller.also(Scope::Approve)?;
    let read = ledger.read_mail(id).await?;
    ledger.mail_seen(id, caller.actor(), "understanding").await?;
    Ok(Json(read.into()))
}
