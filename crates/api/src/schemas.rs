//! Schemas of domain types, which know nothing of OpenAPI.

use habeas_domain::{
    AgentReason, Channel, ConfirmedBy, JobState, Language, Outcome, PaperKind, PaperState, RequestState,
    Right, WorkKind, WorkState,
    approval::ApprovalPolicy,
    paper::PaperDecision,
    received_mail::{ReceivedMailState, ReplyWord, SenderAuthentication, Verdict, Writer},
    review::{FindingKind, ReviewDecision},
    verification::{EvidenceOutcome, Level, Method},
};
use habeas_ledger::{
    Back, DisputeDecision, FindingState, GuardianStanding, Guessed, MailState, RunState, Scope, WaitsFor,
};
use utoipa::openapi::{
    Array, ArrayBuilder, KnownFormat, Object, ObjectBuilder, RefOr, Schema, SchemaFormat, Type,
    schema::SchemaType,
};

fn words(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

fn list(items: Object) -> Array {
    ArrayBuilder::new().items(RefOr::T(Schema::Object(items))).build()
}

/// The same, or `null`.
fn or_null(mut object: Object) -> Object {
    if let SchemaType::Type(own) = object.schema_type {
        object.schema_type = [own, Type::Null].into_iter().collect();
    }
    if let Some(words) = &mut object.enum_values {
        words.push(serde_json::Value::Null);
    }
    object
}

pub(crate) fn maybe_id() -> Object {
    or_null(id())
}

pub(crate) fn maybe_sha256() -> Object {
    or_null(sha256())
}

pub(crate) fn maybe_outcome() -> Object {
    or_null(outcome())
}

pub(crate) fn maybe_store() -> Object {
    or_null(store())
}

pub(crate) fn level() -> Object {
    words([Level::Reasonable, Level::High].map(Level::as_str))
}

pub(crate) fn method() -> Object {
    words(Method::ALL.map(Method::as_str))
}

pub(crate) fn finding_kind() -> Object {
    words(FindingKind::ALL.map(FindingKind::as_str))
}

pub(crate) fn finding_state() -> Object {
    words(FindingState::ALL.map(FindingState::as_str))
}

pub(crate) fn review_decision() -> Object {
    words(ReviewDecision::WORDS)
}

pub(crate) fn review_decisions() -> Array {
    list(review_decision())
}

pub(crate) fn evidence_outcome() -> Object {
    use EvidenceOutcome as O;
    words([O::Passed, O::Failed, O::Denied].map(O::as_str))
}

pub(crate) fn agent_reason() -> Object {
    words(AgentReason::ALL.map(AgentReason::as_str))
}

pub(crate) fn maybe_agent_reason() -> Object {
    or_null(agent_reason())
}

/// Lines of a batch.
pub(crate) fn submissions() -> Array {
    ArrayBuilder::new()
        .items(RefOr::T(Schema::Object(anything())))
        .min_items(Some(1))
        .max_items(Some(500))
        .build()
}

/// Sets of methods.
pub(crate) fn methods() -> Array {
    ArrayBuilder::new().items(RefOr::T(Schema::Array(list(method())))).build()
}

/// A time-ordered UUID.
pub(crate) fn id() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .examples(["0193b5c0-1234-7000-8000-000000000001"])
        .build()
}

pub(crate) fn ids() -> Array {
    list(id())
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[0-9a-f]{64}$"))
        .examples(["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
        .build()
}

/// Somebody: `system`, `subject`, `agent`, `guardian`, or `token:` and the id of a token.
pub(crate) fn actor() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("`system`, `subject`, `agent`, `guardian`, or `token:` and the id of a token."))
        .examples(["token:0193b5c0-1234-7000-8000-000000000009"])
        .build()
}

pub(crate) fn right() -> Object {
    words(Right::ALL.map(Right::as_str))
}

pub(crate) fn rights() -> Array {
    list(right())
}

pub(crate) fn request_state() -> Object {
    words(RequestState::ALL.map(RequestState::as_str))
}

pub(crate) fn job_state() -> Object {
    words(JobState::ALL.map(JobState::as_str))
}

pub(crate) fn dispute_decision() -> Object {
    words(DisputeDecision::ALL.map(DisputeDecision::as_str))
}

pub(crate) fn confirmed_by() -> Object {
    words(ConfirmedBy::ALL.map(ConfirmedBy::as_str))
}

pub(crate) fn maybe_actor() -> Object {
    or_null(actor())
}

pub(crate) fn maybe_guardian() -> Object {
    or_null(words(GuardianStanding::ALL.map(GuardianStanding::as_str)))
}

pub(crate) fn paper_kind() -> Object {
    words(PaperKind::ALL.map(PaperKind::as_str))
}

pub(crate) fn paper_state() -> Object {
    words(PaperState::ALL.map(PaperState::as_str))
}

pub(crate) fn paper_decision() -> Object {
    words(PaperDecision::ALL.map(PaperDecision::as_str))
}

pub(crate) fn outcome() -> Object {
    words(Outcome::ALL.map(Outcome::as_str))
}

pub(crate) fn language() -> Object {
    words(Language::ALL.map(Language::as_str))
}

pub(crate) fn channel() -> Object {
    words(Channel::ALL.map(Channel::as_str))
}

pub(crate) fn policy() -> Object {
    use ApprovalPolicy as P;
    words([P::Automatic, P::OnePerson, P::FourEyes].map(P::as_str))
}

pub(crate) fn work_kind() -> Object {
    words(WorkKind::ALL.map(WorkKind::as_str))
}

pub(crate) fn work_state() -> Object {
    words(WorkState::ALL.map(WorkState::as_str))
}

pub(crate) fn received_mail_state() -> Object {
    words(ReceivedMailState::ALL.iter().map(|state| state.as_str()))
}

pub(crate) fn verdict() -> Object {
    words(Verdict::ALL.iter().map(|verdict| verdict.as_str()))
}

pub(crate) fn maybe_verdict() -> Object {
    or_null(verdict())
}

pub(crate) fn maybe_authentication() -> Object {
    or_null(words(SenderAuthentication::ALL.iter().map(|found| found.as_str())))
}

pub(crate) fn sign_kind() -> Object {
    words(["guessing"])
}

pub(crate) fn guessed() -> Object {
    words(Guessed::ALL.map(Guessed::as_str))
}

pub(crate) fn maybe_writer() -> Object {
    or_null(words(Writer::ALL.iter().map(|writer| writer.as_str())))
}

pub(crate) fn maybe_reply_word() -> Object {
    or_null(words(ReplyWord::ALL.iter().map(|word| word.as_str())))
}

pub(crate) fn mail_state() -> Object {
    words(MailState::ALL.map(MailState::as_str))
}

pub(crate) fn waits_for() -> Array {
    use WaitsFor as W;
    let all = [
        W::Ops,
        W::StaffDispute,
        W::StaffReply,
        W::LegalHold,
        W::ClosedStore,
        W::StaffAgent,
        W::UndeliveredMail,
        W::StaffReview,
        W::Acknowledgement,
        W::StaffPaper,
        W::StaffGuardian,
        W::StaffApproval,
        W::StaffCopy,
        W::Agent,
        W::Person,
        W::Guardian,
        W::AddressConfirmation,
        W::CopyDelivery,
        W::Grace,
        W::Stores,
        W::Mail,
        W::Worker,
        W::KeepRule,
    ];
    list(words(all.map(W::as_str)))
}

pub(crate) fn scopes() -> Array {
    list(words(Scope::ALL.map(Scope::as_str)))
}

pub(crate) fn back() -> Object {
    words([Back::Found, Back::Held, Back::Unclear, Back::Failed].map(Back::as_str))
}

pub(crate) fn run_state() -> Object {
    words([RunState::UnderWay, RunState::Ended, RunState::Failed, RunState::CutOff].map(RunState::as_str))
}

pub(crate) fn store() -> Object {
    ObjectBuilder::new().schema_type(Type::String).examples(["shop"]).build()
}

/// Bytes as they are, not written as JSON.
fn file() -> Object {
    let binary = SchemaFormat::Custom("binary".to_owned());
    ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).build()
}

/// An object that is described elsewhere.
pub(crate) fn anything() -> Object {
    ObjectBuilder::new().schema_type(Type::Object).build()
}

pub(crate) fn maybe_anything() -> Object {
    or_null(anything())
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $schema:ident) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                RefOr::T(Schema::Object($schema()))
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

word!(
    /// A state of a request, as a parameter.
    RequestStateWord, request_state);
word!(
    /// A right, as a parameter.
    RightWord, right);
word!(
    /// A kind of work, as a parameter.
    WorkKindWord, work_kind);
word!(
    /// A state of work, as a parameter.
    WorkStateWord, work_state);
word!(
    /// A state of a mail that came in, as a parameter.
    ReceivedMailStateWord, received_mail_state);
word!(
    /// What a mail was taken to be, as a parameter.
    VerdictWord, verdict);
word!(
    /// A kind of paper, as a parameter.
    PaperKindWord, paper_kind);
word!(
    /// An id, as a parameter.
    IdWord, id);
word!(
    /// A file, as a body.
    FileBytes, file);
