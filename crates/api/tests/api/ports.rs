//! What the daemon would hand in.

use std::sync::Mutex;

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_api::{
    AcceptMail, BatchAnswer, BatchBody, Contacts, DeadLetter, DeadLetters, ExtendRules, FurtherKeys,
    Guardians, MailAgain, MailAgainRefused, MailedAgain, Papers, ReErasure, Receive, ReceiveRefused,
    RestoredStores, Seen, Witness,
};
use habeas_domain::{
    Actor, BatchId, Calendars, Channel, Deadline, EmailAddress, Fault, HeldKey, Language, Letter, MailChoice,
    PaperKind, Personal, PhoneNumber, ReceivedMailId, RegimeId, Regimes, RequestId, StoreName, Submission,
    SubmissionDefaults,
    deadline::ExtensionRefused,
    submission::{Child, NamedGuardian, Submitter},
    text::FreeText,
};
use habeas_ledger::{
    AcceptRefused, Accepted, Ledger, LedgerError, NewChallenge, NewRequest, OpenRequest, PaperAsk, PaperView,
    Purpose, ReErased, RequestView,
};

/// Screens and takes, as the real reception does.
pub(crate) struct Reception(pub(crate) Ledger);

impl Reception {
    async fn take(
        &self,
        body: &serde_json::Value,
        actor: Actor,
        idempotency_key: Option<String>,
        batch: Option<BatchId>,
    ) -> Result<Accepted, ReceiveRefused> {
        let regimes = Regimes::builtin().unwrap();
        let now = self.0.ids().now();
        let defaults = SubmissionDefaults {
            regime: RegimeId::new("eu_gdpr").unwrap(),
            language: Language::En,
            channel: Channel::Api,
            now,
            regimes: &regimes,
        };
        let submission = Submission::read(body, &defaults).map_err(ReceiveRefused::Problems)?;
        let regime = regimes.get(&submission.regime).unwrap();
        let calendar = Calendars::builtin().unwrap().of(regime).unwrap();
        let deadline = Deadline::compute(regime, &calendar, &submission.rights, submission.received_at, None);
        let new = NewRequest {
            policies: submission.rights.iter().map(|right| (*right, regime.approval(*right))).collect(),
            submission,
            submitted_by: actor,
            idempotency_key: idempotency_key.map(|key| format!("api/{actor}/{key}")),
            deadline,
            lapse_at: now + TimeDelta::days(14),
            verification: habeas_domain::verification::VerificationPolicy::mail_link(),
            agents: habeas_domain::AgentTerms::default(),
            batch,
            asked_in: None,
            receipt: true,
            law_not_taken: None,
        };
        let mut taken = self.0.accept(vec![new]).await.map_err(|e| ReceiveRefused::Failed(e.into()))?;
        taken.pop().unwrap().map_err(|refused| match refused {
            AcceptRefused::KeyReused => ReceiveRefused::KeyReused,
            other => panic!("no test expects this at this door: {other}"),
        })
    }
}

#[async_trait]
impl Receive for Reception {
    async fn receive(
        &self,
        body: &serde_json::Value,
        by: Submitter,
        idempotency_key: Option<String>,
    ) -> Result<Accepted, ReceiveRefused> {
        self.take(body, by.actor, idempotency_key, None).await
    }

    /// Takes line by line, as `receive` does.
    async fn receive_batch(&self, batch: BatchBody<'_>, actor: Actor) -> Result<BatchAnswer, ReceiveRefused> {
        let email = EmailAddress::parse(batch.agent["email"].as_str().unwrap_or_default()).unwrap();
        let id = self.0.open_batch(batch.name, &email, actor).await.unwrap();
        let mut lines = Vec::new();
        for (place, mut line) in batch.requests.into_iter().enumerate() {
            line["agent"] = batch.agent.clone();
            lines.push(match self.take(&line, actor, Some(format!("{id}/{place}")), Some(id)).await {
                Ok(accepted) => Ok(accepted),
                Err(ReceiveRefused::Problems(problems)) => Err(problems),
                Err(other) => return Err(other),
            });
        }
        Ok(BatchAnswer { id, lines })
    }
}

/// Takes every mail as a request for a copy.
pub(crate) struct Mails(pub(crate) Ledger);

#[async_trait]
impl AcceptMail for Mails {
    async fn accept(
        &self,
        mail: ReceivedMailId,
        choice: MailChoice,
        by: Actor,
    ) -> Result<Accepted, ReceiveRefused> {
        self.0.may_accept_mail(mail).await.map_err(ReceiveRefused::Mail)?;
        let subject = choice.subject.map_or("hanako@example.jp".to_owned(), |one| one.as_str().to_owned());
        let rights = choice.rights.unwrap_or_else(|| vec![habeas_domain::Right::Access]);
        let body = serde_json::json!({ "subject": { "email": subject }, "rights": rights });
        let accepted = Reception(self.0.clone()).receive(&body, by.into(), Some(mail.to_string())).await?;
        self.0.accept_mail(mail, accepted.id, by).await.map_err(ReceiveRefused::Mail)?;
        Ok(accepted)
    }
}

/// Counts by the built-in laws.
pub(crate) struct Laws(pub(crate) Ledger);

impl ExtendRules for Laws {
    fn extension(&self, request: &RequestView) -> Result<Deadline, ExtensionRefused> {
        if request.extensions > 0 {
            return Err(ExtensionRefused::AlreadyExtended);
        }
        let regimes = Regimes::builtin().unwrap();
        let regime = regimes.get(&request.regime.parse().unwrap()).unwrap();
        let calendar = Calendars::builtin().unwrap().of(regime).unwrap();
        Deadline::compute(regime, &calendar, &request.rights, request.received_at, request.verified_at)
            .extend(regime, &calendar, &request.rights, self.0.ids().now())
    }
}

/// Remembers who saw what.
#[derive(Default)]
pub(crate) struct Log(pub(crate) Mutex<Vec<(RequestId, Actor, &'static str)>>);

#[async_trait]
impl Witness for Log {
    async fn saw(&self, request: RequestId, by: Actor, what: Seen) -> Result<(), LedgerError> {
        self.0.lock().unwrap().push((request, by, what.as_str()));
        Ok(())
    }
}

/// One dead letter.
pub(crate) struct OneLetter;

#[async_trait]
impl DeadLetters for OneLetter {
    fn queues(&self) -> Vec<String> {
        vec!["habeas.intake".to_owned(), "habeas.mail".to_owned()]
    }

    async fn list(&self, queue: Option<&str>, _: usize) -> Result<Vec<DeadLetter>, Fault> {
        let letter = DeadLetter {
            id: "m-1".to_owned(),
            queue: "habeas.intake".to_owned(),
            reason: "version 9 is unknown; this release reads version 1".to_owned(),
            bytes: 120,
        };
        Ok([letter].into_iter().filter(|letter| queue.is_none_or(|queue| queue == letter.queue)).collect())
    }

    async fn revive(&self, queue: &str, _: usize) -> Result<u64, Fault> {
        if queue == "habeas.intake" { Ok(1) } else { Err(Fault::temporary("queue-unavailable", "no broker")) }
    }
}

/// One store, in which nobody is found.
pub(crate) struct OneStore(pub(crate) Ledger);

#[async_trait]
impl RestoredStores for OneStore {
    fn stores(&self) -> Vec<StoreName> {
        vec![StoreName::new("shop").unwrap()]
    }

    async fn begin(&self, order: ReErasure) -> Result<(), LedgerError> {
        let run = self.0.begin_re_erasing(&order.store, order.restored_to, order.by).await?;
        self.0.re_erasing_begins(&run, &order.confirmed.iter().copied().collect(), true).await?;
        if !order.confirmed.is_empty() {
            // It goes on for long.
            return Ok(());
        }
        self.0.end_re_erasing(&run, &ReErased { scanned: 3, ..ReErased::default() }).await
    }
}

/// The stores know one number.
pub(crate) struct OneNumber;

#[async_trait]
impl Contacts for OneNumber {
    async fn phones(&self, _: &OpenRequest) -> Result<Vec<PhoneNumber>, Fault> {
        Ok(PhoneNumber::parse("+81 90 0000 0000").into_iter().collect())
    }
}

/// Whoever has the customer number C-4242 had an address before.
pub(crate) struct OlderAddress;

#[async_trait]
impl FurtherKeys for OlderAddress {
    async fn of(&self, keys: &[HeldKey]) -> Result<Vec<HeldKey>, Fault> {
        let known = keys.iter().any(|one| one.value.expose() == "C-4242");
        let older = HeldKey::read("email", "hanako.old@example.com", std::iter::empty());
        Ok(older.into_iter().filter(|_| known).collect())
    }
}

/// Asks by a mail that says nothing, and keeps what it is given for a fortnight.
pub(crate) struct PaperRoom(pub(crate) Ledger);

#[async_trait]
impl Papers for PaperRoom {
    async fn ask(
        &self,
        request: RequestId,
        kind: PaperKind,
        reason: FreeText,
        by: Actor,
    ) -> Result<PaperView, LedgerError> {
        let ends = self.0.ids().now() + TimeDelta::days(7);
        let token = self.0.vault().new_token();
        let link = NewChallenge {
            purpose: Purpose::Paper,
            link: Some((token.hash(), ends)),
            code: None,
            tries: 0,
            package: None,
            to: Personal::new("hanako@example.jp".to_owned()),
            letter: Letter::PaperWanted {
                kind,
                link: Personal::new(String::new()),
                link_expires_at: ends,
                days: 14,
            },
        };
        self.0.ask_paper(request, PaperAsk { kind, reason, by, ends, link }).await
    }

    async fn add(
        &self,
        request: RequestId,
        kind: PaperKind,
        content: Personal<Vec<u8>>,
        by: Actor,
    ) -> Result<PaperView, LedgerError> {
        self.0.add_paper(request, kind, &content, by, self.0.ids().now() + TimeDelta::days(14)).await
    }
}

#[async_trait]
impl Guardians for PaperRoom {
    async fn name(&self, request: RequestId, named: NamedGuardian, by: Actor) -> Result<(), LedgerError> {
        let ends = self.0.ids().now() + TimeDelta::days(7);
        let link = NewChallenge {
            purpose: Purpose::Guardian,
            link: Some((self.0.vault().new_token().hash(), ends)),
            code: None,
            tries: 0,
            package: None,
            to: Personal::new(named.guardian.email.as_str().to_owned()),
            letter: Letter::ConfirmNewAddress { link: Personal::new(String::new()), link_expires_at: ends },
        };
        let policy = habeas_domain::verification::VerificationPolicy::guardian();
        self.0
            .name_guardian(
                request,
                Child { guardian: Some(named.guardian), age_given: named.child_age.is_some() },
                (&policy, None),
                link,
                by,
            )
            .await
    }
}

/// Mails nothing, and says what it was told to say.
#[derive(Default)]
pub(crate) struct Postman(pub(crate) Mutex<Option<Result<Vec<MailedAgain>, MailAgainRefused>>>);

#[async_trait]
impl MailAgain for Postman {
    async fn mail_again(&self, _: RequestId, _: Actor) -> Result<Vec<MailedAgain>, MailAgainRefused> {
        self.0.lock().unwrap().take().unwrap_or(Err(MailAgainRefused::Nothing))
    }
}
