use axum::{Json, extract::State};
use chrono::NaiveDate;
use habeas_domain::{EmailAddress, MailChoice, PersonName, ReceivedMailId, RegimeId, RequestId, Right};
use habeas_ledger::Accepted;
use serde::Serialize;
use utoipa::ToSchema;

use super::guardian::UNSAID;
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

/// What staff decide where the mail does not say it, or says it wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read into `MailChoice`")]
pub(crate) struct AcceptMailBody {
    /// The rights; without them those that the mail asks for without doubt.
    #[schema(schema_with = schemas::rights, required = false)]
    rights: Vec<Right>,
    /// Whose request it is, where it is not the sender's: the original sender of a mail that was passed on, say. The
    /// challenge goes there.
    #[schema(example = "hanako@example.jp")]
    subject: Option<String>,
    /// The law; without it what the mail names, or the default.
    #[schema(example = "eu_gdpr")]
    regime: Option<String>,
    /// `guardian` where the sender writes as the parent or guardian of `subject`, who is a child: then nothing that the
    /// child does opens the request.
    #[schema(example = "guardian")]
    sender_is: Option<String>,
    /// The name of that parent or guardian, where the mail does not give its sender one.
    #[schema(example = "Ichiro Yamada")]
    guardian_name: Option<String>,
    /// The child's age in years, compared with the law's and not kept. Without it, that the stores hold the guardian is not enough:
    /// staff look at a document.
    #[schema(minimum = 0, maximum = 120, example = 9)]
    child_age: Option<u8>,
}

impl FromFields for MailChoice {
    const KNOWN: &'static [&'static str] =
        &["rights", "subject", "regime", "sender_is", "guardian_name", "child_age"];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let subject = fields.optional::<Address>("subject").map(|address| address.0);
        let regime = fields.optional::<RegimeId>("regime");
        let by_guardian = fields.optional::<ByGuardian>("sender_is").is_some();
        if by_guardian && subject.is_none() {
            fields.note("subject", "required", "name the child's own address");
        }
        let guardian_name = fields.optional::<Name>("guardian_name").map(|name| name.0);
        if guardian_name.is_some() && !by_guardian {
            fields.note("guardian_name", "not-wanted", "leave it out, or set sender_is to guardian");
        }
        let child_age = u8::try_from(fields.number("child_age", 0..=120, UNSAID)?).ok();
        if child_age.is_some() && !by_guardian {
            fields.note("child_age", "not-wanted", "leave it out, or set sender_is to guardian");
        }
        let rights = fields.list("rights", Right::ALL.len());
        Some(Self { rights, subject, regime, by_guardian, guardian_name, child_age })
    }
}

pub(super) struct Address(pub(super) EmailAddress);

impl std::str::FromStr for Address {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        EmailAddress::parse(text).map(Self).map_err(|problem| problem.to_string())
    }
}

struct Name(PersonName);

impl std::str::FromStr for Name {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        PersonName::parse(text).map(Self).map_err(|problem| problem.to_string())
    }
}

struct ByGuardian;

impl std::str::FromStr for ByGuardian {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "guardian" { Ok(Self) } else { Err("write guardian, or leave it out") }
    }
}

/// The request that a mail became.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedMail {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    request: RequestId,
    /// Its short form for people.
    #[schema(example = "HB-7K3M-9QTX")]
    reference: String,
    /// The last day for an answer.
    due_on: NaiveDate,
    /// An earlier open request of the same person for one of the same rights.
    #[schema(schema_with = schemas::maybe_id)]
    duplicate_of: Option<RequestId>,
}

impl From<Accepted> for AcceptedMail {
    fn from(accepted: Accepted) -> Self {
        Self {
            request: accepted.id,
            reference: accepted.reference,
            due_on: accepted.due_on,
            duplicate_of: accepted.duplicate_of,
        }
    }
}

/// Take a mail as a request
///
/// It is screened like any other, and the person has to prove who they are: that staff took it proves nothing.
#[utoipa::path(
    post, path = "/v1/mails/{id}/accept", tag = "mails", operation_id = "accept_mail",
    params(("id" = inline(schemas::IdWord), Path, description = "The mail's id.")),
    request_body(content = AcceptMailBody, example = json!({ "rights": ["access"], "subject": "hanako@example.jp" })),
    responses((status = 200, description = "It is a request now.", body = AcceptedMail),
        Usual, OfOneWithBody, OfChange),
    security(("token" = ["approve"]))
)]
pub(crate) async fn accept_mail(
    caller: Caller<Approving>,
    State(api): State<Api>,
    Id(id): Id<ReceivedMailId>,
    Body(choice): Body<MailChoice>,
) -> Result<Json<AcceptedMail>, Problem> {
    let accepted = api.ports.accept_mail.accept(id, choice, caller.actor()).await?;
    Ok(Json(accepted.into()))
}
