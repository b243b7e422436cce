use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{
    Bilingual, Personal,
    verification::{EvidenceOutcome, Expected, Method, Typed, VerificationPolicy},
};
use habeas_ledger::{Attempt, AttemptLimit, Guessed, KnownBy, Ledger, OpenRequest};
use serde::{Deserialize, Serialize};

use super::{Case, HandedIn, Offered, Verdict, Way};
use crate::{
    DeskError, VerificationOptions,
    desk::note_guessing,
    on_file::{AskedField, Files, OnFile, known_by, of_request},
};

/// How long drawn questions, and with them the expected answers, are kept.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// For how long wrong answers are counted.
const MONTH: TimeDelta = TimeDelta::days(30);

/// Questions about recent dealings, whose answers are typed and compared with what the stores hold.
///
/// Which questions a person is asked follows from who they are by a keyed hash, so that asking again, or in another
/// request, shows no further ones. Where the stores hold no answer, or the case itself has given it away, the question
/// is asked all the same and nothing answers it: nobody can tell by the page.
pub struct RecentDealings {
    ledger: Ledger,
    files: Arc<dyn Files>,
    limits: [AttemptLimit; 2],
    /// For how long a copy that was handed out says what its answers were.
    disclosed: TimeDelta,
}

/// What was drawn for a person.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Drawn {
    asked: Vec<Asked>,
    /// What their tries are counted by.
    known_by: Vec<KnownBy>,
}

/// A question that was asked.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    question: Bilingual,
    /// Nothing if no answer to it counts.
    expected: Option<Expected>,
}

impl RecentDealings {
    /// Questions over what `files` hold, tried by a person as often as `options` say. Who guesses a little every day is
    /// stopped by the second limit; this way is closed for that person then until their tries are a month old, and the
    /// other ways stay.
    pub fn new(ledger: Ledger, files: Arc<dyn Files>, options: &VerificationOptions) -> Self {
        let month = AttemptLimit { most: options.wrong_answers_a_month, within: MONTH };
        let limits = [AttemptLimit::a_day(options.answers_a_day), month];
        let disclosed = TimeDelta::from_std(options.disclosed_for).unwrap_or(TimeDelta::zero());
        Self { ledger, files, limits, disclosed }
    }

    /// The fields that may be asked about under a policy.
    fn fields(&self, policy: &VerificationPolicy) -> Vec<AskedField> {
        let forbidden = |field: &AskedField| {
            field.category.as_ref().is_some_and(|category| policy.never_ask.forbids(category))
        };
        self.files.asked().into_iter().filter(|field| !forbidden(field)).collect()
    }

    /// Draws one question more than have to be answered, those first that the stores hold an answer to. On the page they
    /// stand in the order of the manifests, which tells nothing of that. What the case has given away is drawn like the
    /// rest: if it were passed over, a guess written into a request would change the questions exactly when it is right.
    fn draw(&self, case: Case<'_>, held: &OnFile) -> Vec<Asked> {
        let mut drawn: Vec<(bool, [u8; 32], usize, Asked)> = self
            .fields(case.policy)
            .into_iter()
            .enumerate()
            .map(|(place, field)| {
                let held = held.dealings.iter().find(|dealing| dealing.id == field.id);
                let expected = held.map(|dealing| dealing.expected.clone());
                let rank = self.rank(case.request, &field);
                (held.is_none(), rank, place, Asked { question: field.question, expected })
            })
            .collect();
        drawn.sort_by_key(|(unanswerable, rank, ..)| (*unanswerable, *rank));
        drawn.truncate(usize::try_from(case.policy.answers).unwrap_or(usize::MAX).saturating_add(1));
        drawn.sort_by_key(|(_, _, place, _)| *place);
        drawn.into_iter().map(|(.., asked)| asked).collect()
    }

    fn rank(&self, request: &OpenRequest, field: &AskedField) -> [u8; 32] {
        let address = request.submission.subject.email.lookup_form();
        let of = format!("{}/{}", field.id, address.expose());
        *self.ledger.vault().lookup("question", &of).as_bytes()
    }

    /// Everything in the case that others may have read or written: what was handed in, and every mail about it.
    async fn texts(&self, request: &OpenRequest) -> Result<Vec<String>, DeskError> {
        let mails = self.ledger.texts_of_mails(request.id).await?;
        Ok(handed_in(request).chain(mails.into_iter().map(Personal::into_inner)).collect())
    }

    async fn drawn(&self, case: Case<'_>) -> Result<Drawn, DeskError> {
        let kept = self.ledger.step::<Drawn>(case.request.id, Method::RecentDealings).await?;
        Ok(kept.map(Personal::into_inner).unwrap_or_default())
    }
}

fn is_disclosed(expected: &Expected, known: &[String]) -> bool {
    known.iter().any(|text| expected.is_disclosed_in(text))
}

/// What the submission says.
fn handed_in(request: &OpenRequest) -> impl Iterator<Item = String> {
    let submission = &request.submission;
    let subject = &submission.subject;
    let free = [&submission.message, &submission.external_reference];
    let named = [
        Some(subject.email.as_str().to_owned()),
        subject.name.as_ref().map(|name| name.as_str().to_owned()),
        subject.phone.as_ref().map(|phone| phone.as_str().to_owned()),
    ];
    let identifiers = subject.identifiers.iter().map(|one| one.value.as_str().to_owned());
    let free: Vec<String> = free.into_iter().flatten().map(|text| text.as_str().to_owned()).collect();
    let corrections = serde_json::to_string(&submission.corrections).ok();
    let all: Vec<String> =
        named.into_iter().flatten().chain(identifiers).chain(free).chain(corrections).collect();
    all.into_iter()
}

/// How many are right. Every question is compared, whatever came of the others.
fn right(asked: &[Asked], answers: &[Typed]) -> u32 {
    let none = Typed::new("");
    let answers = answers.iter().chain(std::iter::repeat(&none));
    asked.iter().zip(answers).map(|(asked, typed)| u32::from(is_right(asked, typed))).sum()
}

fn is_right(asked: &Asked, typed: &Typed) -> bool {
    let decoy = Expected::Text { plain: String::new() };
    let answered = asked.expected.as_ref().unwrap_or(&decoy).is_answered_by(typed);
    answered && asked.expected.is_some() && !typed.is_empty()
}

#[async_trait]
impl Way for RecentDealings {
    fn method(&self) -> Method {
        Method::RecentDealings
    }

    fn is_offered(&self, policy: &VerificationPolicy) -> bool {
        let enough = usize::try_from(policy.answers).unwrap_or(usize::MAX);
        policy.counts(Method::RecentDealings) && self.fields(policy).len() >= enough
    }

    async fn begin(&self, case: Case<'_>) -> Result<(), DeskError> {
        let held = of_request(&*self.files, case.request).await?;
        let known_by = known_by(&self.ledger, case.request, &held);
        let drawn = Personal::new(Drawn { asked: self.draw(case, &held), known_by });
        let ends = self.ledger.ids().now() + LIFE;
        self.ledger.keep_step(case.request.id, Method::RecentDealings, &drawn, ends).await?;
        Ok(())
    }

    async fn offer(&self, case: Case<'_>) -> Result<Offered, DeskError> {
        let drawn = self.drawn(case).await?;
        Ok(Offered::Questions(drawn.asked.into_iter().map(|asked| asked.question).collect()))
    }

    async fn judge(&self, case: Case<'_>, shown: HandedIn) -> Result<Verdict, DeskError> {
        let HandedIn::Answers(answers) = shown else { return Ok(Verdict::Nothing) };
        let Drawn { mut asked, known_by } = self.drawn(case).await?;
        // What the case has given away by now: a mail may have come since the questions were drawn.
        let known = self.texts(case.request).await?;
        // A copy shows whatever the stores hold, to whoever opened it.
        let since = self.ledger.ids().now() - self.disclosed;
        let handed_out = self.ledger.was_handed_a_copy(case.request.proven_addresses(), since).await?;
        for one in &mut asked {
            let kept = |expected: &Expected| !handed_out && !is_disclosed(expected, &known);
            one.expected = one.expected.take().filter(kept);
        }
        let (request, kind) = (case.request.id, Attempt::RecentDealings);
        let tried = self.ledger.tried_by(request, &known_by, kind, &self.limits).await?;
        let answers = right(&asked, &answers);
        let enough = tried.allowed && answers >= case.policy.answers;
        let allowed = tried.allowed;
        if !allowed || tried.last && !enough {
            note_guessing(&self.ledger, request, Guessed::RecentDealings).await?;
        }
        if enough {
            self.ledger.not_a_guess(tried).await?;
        }
        if !allowed || asked.is_empty() {
            return Ok(Verdict::Nothing);
        }
        let outcome = if enough { EvidenceOutcome::Passed } else { EvidenceOutcome::Failed };
        // How many were right is not kept where it was not enough.
        Ok(Verdict::Shown { outcome, answers: if enough { answers } else { 0 } })
    }
}
