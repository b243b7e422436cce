use axum::extract::State;
use habeas_domain::{EmailAddress, RequestId};
use utoipa::ToSchema;

use crate::{
    caller::{Caller, Submitting},
    fields::{Fields, FromFields},
    path_id::Id,
    problem::{Problem, ProblemKind},
    problem_docs::{OfFixedAddress, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Where somebody wants the answers to go.
#[derive(ToSchema)]
pub(crate) struct AddressBody {
    /// The address. It is read, and kept nowhere.
    #[schema(example = "hanako.new@example.jp")]
    #[expect(dead_code, reason = "describes the body; what it says changes nothing")]
    email: String,
}

impl FromFields for AddressBody {
    const KNOWN: &'static [&'static str] = &["email"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required::<Wanted>("email")?.0;
        Some(Self { email: email.as_str().to_owned() })
    }
}

struct Wanted(EmailAddress);

impl std::str::FromStr for Wanted {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        EmailAddress::parse(text).map(Self).map_err(|problem| problem.to_string())
    }
}

/// Change the address of a request
///
/// Refused, whoever asks: the answers go to the address that the request was made from. Whoever wants them elsewhere makes
/// a new request from there. That it was asked is written into the request's audit trail, and the person is told once, at the
/// address that stays.
#[utoipa::path(
    put, path = "/v1/requests/{id}/address", tag = "requests", operation_id = "change_address",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    request_body(content = AddressBody, example = json!({ "email": "hanako.new@example.jp" })),
    responses(Usual, OfOneWithBody, OfFixedAddress),
    security(("token" = ["submit"]))
)]
pub(crate) async fn change_address(
    caller: Caller<Submitting>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Body(_wanted): Body<AddressBody>,
) -> Result<(), Problem> {
    api.ports.ledger.refuse_address_change(id, caller.actor()).await?;
    Err(Problem::new(ProblemKind::AddressFixed))
}
