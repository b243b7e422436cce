use axum::{Json, extract::State};
use habeas_domain::{RequestId, Right};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    MailAgainRefused,
    caller::{Approving, Caller},
    path_id::Id,
    problem::{Problem, ProblemKind},
    problem_docs::{OfChange, OfOne, Usual},
    schemas,
    state::Api,
};

/// A link that was mailed again
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MailedLink {
    /// Where it leads: `verification`, `new-address` or `package`.
    #[schema(example = "verification")]
    leads_to: &'static str,
    /// The right that it is about, where it is about one.
    #[schema(inline, value_type = Option<schemas::RightWord>)]
    right: Option<Right>,
}

/// Mail the person their link again
///
/// For somebody who says that no mail came. While the request waits for them to prove who they are, a new link and code;
/// else a new link to each package that is kept for them, and to each new address that a correction waits for; the old link
/// ends. It goes to the address of the request, a guardian's to theirs, a confirmation to the new address, and to no other, at
/// most as often in 24 hours as the person could have it sent.
#[utoipa::path(
    post, path = "/v1/requests/{id}/mail-again", tag = "requests", operation_id = "mail_again",
    params(("id" = inline(schemas::IdWord), Path, description = "The request's id.")),
    responses((status = 200, description = "What was mailed.", body = Vec<MailedLink>), Usual, OfOne, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn mail_again(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<RequestId>,
) -> Result<Json<Vec<MailedLink>>, Problem> {
    let mailed = api.ports.mail_again.mail_again(id, caller.actor()).await?;
    let links = mailed.into_iter().map(|one| {
        let (leads_to, right) = one.parts();
        MailedLink { leads_to, right }
    });
    Ok(Json(links.collect()))
}

impl From<MailAgainRefused> for Problem {
    fn from(refused: MailAgainRefused) -> Self {
        match refused {
            MailAgainRefused::Ledger(error) => error.into(),
            MailAgainRefused::Failed(fault) => fault.into(),
            state => Self::new(ProblemKind::Conflict).with_detail(state.to_string()),
        }
    }
}
