//! What is asked of a person whose address is proven and whose request takes more.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, Language, Personal, RequestState,
    verification::{Evidence, EvidenceOutcome, Method, Standing, VerificationPolicy},
};
use habeas_ledger::{IdentityView, LedgerError, OpenRequest, Purpose};

use super::{Desk, DeskError, count, presented};
use crate::methods::{Case, HandedIn, Offered, Verdict, Way};

/// What the page of the second step shows. The same for everybody whose request takes the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondStep {
    /// The person's language.
    pub language: Language,
    /// The short form of the request's id.
    pub reference: String,
    /// When the request arrived.
    pub received_at: DateTime<Utc>,
    /// What can be shown here that leads to an end, in the order in which it is offered. None where only staff can help.
    pub methods: Vec<Method>,
    /// Whether staff may call the number on file instead.
    pub call_back: bool,
    /// Whether something else can be named that the person is known by.
    pub another: bool,
}

/// What handing something in led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is enough; the request goes on.
    Proven,
    /// It counts, and more is needed.
    Counts,
    /// It does not count: it is wrong, or there is nothing that it could be compared with. The two are told apart
    /// nowhere.
    Not,
    /// There is no such step, or no more.
    NotOpen,
}

/// A request that waits for more.
struct Open {
    request: OpenRequest,
    identity: IdentityView,
}

impl Open {
    fn case(&self) -> Case<'_> {
        Case { request: &self.request, policy: &self.identity.policy }
    }

    /// Each enough with what was shown. A denied request is shown what one is shown that has shown nothing yet.
    fn sets(&self) -> &[BTreeSet<Method>] {
        match &self.identity.standing {
            Standing::Failed => &self.identity.policy.enough,
            Standing::Needs { missing } => missing,
            Standing::Proven => &[],
        }
    }

    fn methods(&self) -> BTreeSet<Method> {
        self.sets().iter().flatten().copied().collect()
    }
}

impl Desk {
    /// What the second step's page shows; nothing if the link does not lead to one. Changes nothing.
    pub async fn second_step(&self, token: &str) -> Result<Option<SecondStep>, DeskError> {
        self.within(async {
            let Some(open) = self.step_of(token).await? else { return Ok(None) };
            let policy = &open.identity.policy;
            let can_be_met = |set: &&BTreeSet<Method>| set.iter().all(|one| self.can_be_given(*one, policy));
            let wanted: BTreeSet<Method> = open.sets().iter().filter(can_be_met).flatten().copied().collect();
            let here = |method: &Method| wanted.contains(method) && self.way(*method, policy).is_some();
            Ok(Some(SecondStep {
                language: open.request.language,
                reference: open.request.id.reference(),
                received_at: open.request.received_at,
                methods: Method::ALL.into_iter().filter(here).collect(),
                call_back: wanted.contains(&Method::CallBack),
                another: self.looks_up,
            }))
        })
        .await
    }

    /// Does what a method needs before anything can be shown, such as sending a code. Returns whether there is such a
    /// step; never whether there was somebody to send it to.
    pub async fn begin(&self, token: &str, method: Method) -> Result<bool, DeskError> {
        self.paced(Box::pin(async {
            let Some(open) = self.step_of(token).await? else { return Ok(false) };
            let Some(way) = self.offered_way(&open, method) else { return Ok(false) };
            way.begin(open.case()).await?;
            count(method.as_str(), "begun");
            Ok(true)
        }))
        .await
    }

    /// What the page of a method shows; nothing if there is no such step. Changes nothing.
    pub async fn offered(&self, token: &str, method: Method) -> Result<Option<Offered>, DeskError> {
        self.within(async {
            let Some(open) = self.step_of(token).await? else { return Ok(None) };
            match self.offered_way(&open, method) {
                Some(way) => {
                    let offered = way.offer(open.case()).await?;
                    Ok(Some(self.returning(offered, open.request.language, token)))
                }
                None => Ok(None),
            }
        })
        .await
    }

    /// Says where the company's sign-in sends the person back to.
    fn returning(&self, offered: Offered, language: Language, token: &str) -> Offered {
        let Offered::SignIn(url) = offered else { return offered };
        let back = self.challenges.links().sign_in(language, token);
        let Ok(mut address) = url.expose().parse::<reqwest::Url>() else { return Offered::SignIn(url) };
        address.query_pairs_mut().append_pair("return_to", back.expose());
        Offered::SignIn(Personal::new(address.into()))
    }

    /// Judges what a person hands in.
    pub async fn show(&self, token: &str, method: Method, presented: HandedIn) -> Result<Shown, DeskError> {
        let shown = self.paced(Box::pin(self.show_once(token, method, presented))).await?;
        count(method.as_str(), if shown == Shown::Proven { "proven" } else { "not-proven" });
        Ok(shown)
    }

    async fn show_once(&self, token: &str, method: Method, presented: HandedIn) -> Result<Shown, DeskError> {
        let Some(open) = self.step_of(token).await? else { return Ok(Shown::NotOpen) };
        let Some(way) = self.offered_way(&open, method) else { return Ok(Shown::NotOpen) };
        let _turn = self.turns.of(open.request.id).await;
        match way.judge(open.case(), presented).await? {
            Verdict::Met(challenge) => {
                self.ledger.prove(challenge).await?;
            }
            Verdict::Shown { outcome, answers } => {
                self.record(&open, method, outcome, answers).await?;
            }
            Verdict::Nothing => {}
        }
        let now = self.ledger.identity(open.request.id).await?;
        Ok(match &now.standing {
            Standing::Proven => Shown::Proven,
            standing if open.identity.standing == *standing => Shown::Not,
            _ => Shown::Counts,
        })
    }

    async fn record(
        &self,
        open: &Open,
        method: Method,
        outcome: EvidenceOutcome,
        answers: u32,
    ) -> Result<(), DeskError> {
        let at = self.ledger.ids().now();
        let evidence = Evidence { method, outcome, at, by: Actor::Subject, answers, note: None };
        let judged_with = open.request.also_proven.len();
        match self.ledger.record_shown(open.request.id, evidence, judged_with).await {
            // Another of the person's windows was faster, or the request was denied.
            Ok(_) | Err(LedgerError::Evidence(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn offered_way(&self, open: &Open, method: Method) -> Option<&dyn Way> {
        let way = self.way(method, &open.identity.policy)?;
        open.methods().contains(&method).then_some(way)
    }

    /// A way that this installation offers under `policy`.
    fn way(&self, method: Method, policy: &VerificationPolicy) -> Option<&dyn Way> {
        let way = self.ways.iter().find(|way| way.method() == method && way.is_offered(policy));
        way.map(AsRef::as_ref)
    }

    /// Whether anybody at all can give it here.
    fn can_be_given(&self, method: Method, policy: &VerificationPolicy) -> bool {
        method == Method::MailLink || self.staff_judge.contains(&method) || self.way(method, policy).is_some()
    }

    /// The request of [`Desk::step_of`] alone.
    pub(super) async fn second_step_request(&self, token: &str) -> Result<Option<OpenRequest>, DeskError> {
        Ok(self.step_of(token).await?.map(|open| open.request))
    }

    /// The request of a link whose address is proven and that takes more. The link itself has done its work; until it
    /// ends, it leads the person here.
    async fn step_of(&self, token: &str) -> Result<Option<Open>, DeskError> {
        let Some(hash) = presented(token) else { return Ok(None) };
        let record = self.ledger.challenge_by_token(&hash).await?;
        let Some(record) = record.filter(|record| record.live && record.purpose == Purpose::Identity) else {
            return Ok(None);
        };
        let Some(request) = self.open(record.request).await? else { return Ok(None) };
        if request.state != RequestState::AwaitingVerification {
            return Ok(None);
        }
        let identity = self.ledger.identity(record.request).await?;
        // For a child there is nothing to hand in here: its guardian does, or staff.
        if identity.policy.is_for_child() {
            return Ok(None);
        }
        let mailed = identity.evidence.iter().any(|one| one.method == Method::MailLink);
        Ok(mailed.then_some(Open { request, identity }))
    }
}
