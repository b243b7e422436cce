use axum::{extract::State, http::StatusCode};
use habeas_domain::{
    PersonName, RequestId,
    submission::{Guardian, NamedGuardian},
};
use utoipa::ToSchema;

use super::mail_accept::Address;
use crate::{
    caller::{Approving, Caller},
    fields::{Fields, FromFields},
    path_id::Id,
    problem::Problem,
    problem_docs::{OfChange, OfOneWithBody, Usual},
    read_json::Body,
    schemas,
    state::Api,
};

/// Who stands for the child.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read into `Named`")]
pub(crate) struct GuardianBody {
    /// Their name.
    #[schema(example = "山田 一郎", max_length = 200)]
    name: String,
    /// Their own address.
    #[schema(example = "ichiro@example.jp")]
    email: String,
    /// The child's age in years, compared with the law's and not kept. Without it, or where it is no child's, that the stores hold
    /// the guardian is not enough: staff look at a document.
    #[schema(minimum = 0, maximum = 120, example = 9)]
    child_age: Option<u8>,
}

pub(crate) struct Named(NamedGuardian);

/// As long as nobody said it: older than any child.
pub(super) const UNSAID: u64 = u64::MAX;

struct Name(PersonName);

impl std::str::FromStr for Name {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        PersonName::parse(text).map(Self).map_err(|problem| problem.to_string())
    }
}

impl FromFields for Named {
    const KNOWN: &'static [&'static str] = &["name", "email", "child_age"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required::<Name>("name");
        let email = fields.required::<Address>("email");
        let child_age = fields.number("child_age", 0..=120, UNSAID)?;
        let guardian = Guardian { name: name?.0, email: email?.0 };
        Some(Self(NamedGuardian { guardian, child_age: u8::try_from(child_age).ok() }))
    }
}

/// Name the guardian of a child
///
/// Takes the request for one about a child, whatever it was before: from now on nothing that the child does opens it. The
/// guardian is mailed a link; what more it takes, `show_identity` says. It is answered as soon as a child's request is. Naming the same one again sends a new link; another
/// one is refused, since the addresses of an open request are never changed.
#[utoipa::path(
    post, path = "/v1/requests/{id}/guardian", tag = "requests", operation_id = "name_guardian",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    request_body(content = GuardianBody, example = json!({ "name": "山田 一郎", "email": "ichiro@example.jp", "child_age": 9 })),
    responses((status = 204, description = "Named, and mailed."), Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn name_guardian(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
    Body(Named(named)): Body<Named>,
) -> Result<StatusCode, Problem> {
    api.ports.guardians.name(id, named, caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
