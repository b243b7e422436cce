//! One mail, from its bytes to the decision about it.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use habeas_domain::{
    EmailAddress, Fault, MailChoice, Personal, RequestId, Retry, Right,
    received_mail::{SenderAuthentication, Verdict},
};
use habeas_ledger::{
    ClaimedMail, ForStaff, FormOrder, Ledger, LedgerError, MailDecision, MailReading, MailVerdict, PutBack,
    WholeMail,
};

use super::{
    ActOptions, Arrived, Authenticated, MailboxRules, NotTaken, Ports, TakenMail, answer::count_answer,
    course::Course, due::due_at, signs::with_signs, submission,
};
use crate::{Understanding, authentication::Delivery};

/// Acts on mails.
#[derive(Clone)]
pub(super) struct Acting {
    pub(super) ledger: Ledger,
    pub(super) ports: Ports,
    pub(super) options: Arc<ActOptions>,
}

/// A mail that was read.
pub(super) struct Read {
    pub(super) claimed: ClaimedMail,
    mail: Understanding,
    evidence: String,
    belongs_to: Option<RequestId>,
    /// The end of the last day for an answer, if it turns out to be a request.
    due_at: DateTime<Utc>,
}

/// What came of reading a mail.
pub(super) enum Outcome {
    /// It was read.
    Read(Box<Read>),
    /// It is to be parked without having been read.
    Unreadable(ClaimedMail, String),
    /// It is to be tried again.
    Later(ClaimedMail, Fault),
}

/// A decision that is to be recorded.
pub(super) struct Decided {
    pub(super) decision: MailDecision,
    /// Whether it counts toward a limit, so that the next mail of the group must know of it.
    pub(super) counts: bool,
}

impl Acting {
    /// Reads a mail and finds out what can be found out about it. Decides nothing.
    pub(super) async fn read(&self, claimed: ClaimedMail) -> Outcome {
        if claimed.attempts > self.options.attempts {
            let tried = self.options.attempts;
            return Outcome::Unreadable(claimed, format!("it was given up after {tried} attempts"));
        }
        fail::fail_point!("mailbox::before_read");
        let (raw, delivery) = match self.ledger.whole_mail(claimed.lease.mail).await {
            Ok(WholeMail { raw, delivery }) => (Arc::new(raw), delivery.map(Delivery::from)),
            Err(error) => return Outcome::Later(claimed, error.into()),
        };
        let (reads, bytes) = (Arc::clone(&self.ports.reads), Arc::clone(&raw));
        let Ok(mut mail) = tokio::task::spawn_blocking(move || reads.read(bytes.expose())).await else {
            return Outcome::Unreadable(
                claimed,
                "its reading failed; report it, the mail is kept whole".to_owned(),
            );
        };
        let Authenticated { verdict, evidence, try_again } = if let Some(port) = &self.ports.authenticates {
            let arrived = Arrived { mailbox: &claimed.mailbox, delivery: delivery.as_ref() };
            port.authenticate(arrived, raw.expose(), mail.sender.address.as_ref()).await
        } else {
            let evidence = "not looked up".to_owned();
            Authenticated { verdict: SenderAuthentication::None, evidence, try_again: false }
        };
        if try_again && claimed.put_off < self.options.lookups {
            let fault =
                Fault::temporary("names-away", "name servers did not answer about the sender's domain");
            return Outcome::Later(claimed, fault);
        }
        mail.sender.authentication = verdict;
        match self.belongs_to(&mail, raw.expose()).await {
            Ok(belongs_to) => {
                let due_at = due_at(&mail, claimed.received_at, &self.options.laws);
                Outcome::Read(Box::new(Read { claimed, mail, evidence, belongs_to, due_at }))
            }
            Err(fault) => Outcome::Later(claimed, fault),
        }
    }

    async fn belongs_to(&self, mail: &Understanding, raw: &[u8]) -> Result<Option<RequestId>, Fault> {
        if mail.verdict == Verdict::Bounce {
            return match &self.ports.bounces {
                Some(port) => port.came_back(mail, raw).await,
                None => Ok(None),
            };
        }
        match &self.ports.threads {
            Some(port) if mail.verdict.may_be_answered() => port.request_of(mail).await,
            _ => Ok(None),
        }
    }

    /// Decides about a mail, and takes it as a request if it is one. A second run finds the request that the first one
    /// made.
    pub(super) async fn decide(&self, read: &Read) -> Result<Decided, Fault> {
        let usual = MailboxRules::default();
        let rules = self.options.mailboxes.get(&read.claimed.mailbox).unwrap_or(&usual);
        match Course::of(&read.mail, read.belongs_to, rules) {
            Course::Take => self.take(read, rules).await,
            Course::Propose(reason) => Ok(read.decided(MailVerdict::Proposed(read.belongs_to), reason)),
            Course::File(request, reason) => Ok(read.decided(MailVerdict::Filed(request), reason)),
            Course::SetAside(reason) => Ok(read.decided(MailVerdict::SetAside, reason)),
            Course::AsksNothing(reason) => {
                let mut decided =
                    self.with_form(read, rules, read.decided(MailVerdict::Parked, reason)).await?;
                if decided.decision.form.is_some() {
                    decided.decision.verdict = MailVerdict::SetAside;
                }
                Ok(decided)
            }
            Course::Park { reason, answerable } => {
                let parked = read.decided(MailVerdict::Parked, reason);
                if answerable { self.with_form(read, rules, parked).await } else { Ok(parked) }
            }
        }
    }

    /// With an answer that holds the address of the form, where the sender gets one. Whoever gets it knows how to ask, should
    /// the rules have missed what they want; of the others staff may want to see the mail, so it waits as it is.
    async fn with_form(
        &self,
        read: &Read,
        rules: &MailboxRules,
        mut decided: Decided,
    ) -> Result<Decided, Fault> {
        if rules.answer_non_requests && !self.too_many_strangers(read, rules).await? {
            decided.decision.form = self.form(read, rules);
            decided.counts = decided.decision.form.is_some();
        }
        Ok(decided)
    }

    /// Whether the mailbox has written to as many strangers as it may. Processes that look at the same moment may each go
    /// one too far: it is a brake, not an account.
    async fn too_many_strangers(&self, read: &Read, rules: &MailboxRules) -> Result<bool, Fault> {
        if read.mail.sender.authentication == SenderAuthentication::Aligned {
            return Ok(false);
        }
        let mailbox = &read.claimed.mailbox;
        let is_over = self.ledger.strangers_answered(mailbox).await? >= rules.strangers_per_hour;
        if is_over {
            metrics::counter!("habeas_mails_held_back_total", "mailbox" => mailbox.clone()).increment(1);
        }
        Ok(is_over)
    }

    /// Who is sent the address of the form: nobody whose address may have been put there by somebody else. That it is
    /// nobody too often is seen to where it is ordered.
    fn form(&self, read: &Read, rules: &MailboxRules) -> Option<FormOrder> {
        let sender = &read.mail.sender;
        let to = sender.address.clone()?;
        if sender.authentication == SenderAuthentication::Unaligned {
            count_answer("unaligned");
            return None;
        }
        Some(FormOrder {
            to,
            language: read.mail.letters().unwrap_or(self.options.language),
            answers: read.mail.message_id.clone(),
            most: rules.answers_per_day,
        })
    }

    async fn take(&self, read: &Read, rules: &MailboxRules) -> Result<Decided, Fault> {
        let Some(sender) = &read.mail.sender.address else {
            return Ok(
                read.decided(MailVerdict::Parked, "it has no sender that could be answered".to_owned())
            );
        };
        if let Some(copy) = self.copy_of(read, sender).await? {
            return Ok(copy);
        }
        let forged = read.mail.sender.authentication == SenderAuthentication::Unaligned;
        if self.ledger.answers_to(sender, forged).await? >= rules.answers_per_day {
            let reason =
                "its sender was written to as often as is allowed in 24 hours; look whether it is one person";
            return Ok(read.decided(MailVerdict::Proposed(None), reason.to_owned()));
        }
        if self.too_many_strangers(read, rules).await? {
            let reason = "the mailbox has written to as many strangers as it may within an hour; look whether it is flooded";
            return Ok(read.decided(MailVerdict::Proposed(None), reason.to_owned()));
        }
        let id = read.claimed.lease.mail;
        let taken = TakenMail {
            submission: submission(&read.mail, read.claimed.received_at, &MailChoice::default()),
            key: self.ledger.mail_key(id, read.mail.message_id.as_ref(), sender),
            message_id: read.mail.message_id.clone(),
            receipt: !forged,
        };
        fail::fail_point!("mailbox::before_take");
        let result = self.ports.intake.take(taken).await;
        fail::fail_point!("mailbox::after_take");
        match result {
            Ok(accepted) => {
                let mut decided = read.decided(MailVerdict::Taken(accepted.id), read.why_taken());
                decided.decision.answers = true;
                decided.counts = true;
                Ok(decided)
            }
            Err(NotTaken::Problems(problems)) => {
                let fields: Vec<String> =
                    problems.iter().map(|problem| format!("{} ({})", problem.field, problem.code)).collect();
                let reason =
                    format!("it cannot be taken as it is: {}; {}", fields.join(", "), read.mail.reason);
                Ok(read.decided(MailVerdict::Proposed(None), reason))
            }
            Err(NotTaken::Reused) => match self.copy_of(read, sender).await? {
                Some(copy) => Ok(copy),
                None => Ok(read.decided(
                    MailVerdict::Proposed(None),
                    "a mail with the same Message-ID and sender asked for something else".to_owned(),
                )),
            },
            Err(NotTaken::Failed(fault)) => Err(fault),
        }
    }

    /// A mail that was sent to two mailboxes, or delivered twice, is one request. What reads differently is left to staff.
    async fn copy_of(&self, read: &Read, sender: &EmailAddress) -> Result<Option<Decided>, Fault> {
        let Some(message_id) = &read.mail.message_id else { return Ok(None) };
        let found = self.ledger.taken_copy(read.claimed.lease.mail, message_id, sender).await?;
        let Some((first, request)) = found else { return Ok(None) };
        let first = match self.ledger.read_mail(first).await {
            Ok(first) => first.understanding,
            Err(LedgerError::Erased) => {
                let reason = "it bears the Message-ID of a mail that asked long ago and is erased";
                return Ok(Some(read.decided(MailVerdict::Proposed(None), reason.to_owned())));
            }
            Err(error) => return Err(error.into()),
        };
        let same = first
            .and_then(|first| serde_json::from_value::<Understanding>(first.into_inner()).ok())
            .is_some_and(|first| first.text == read.mail.text && first.rights == read.mail.rights);
        Ok(same.then(|| {
            let why = "another copy of the mail that asked".to_owned();
            let mut filed = read.decided(MailVerdict::Filed(request), why);
            filed.decision.for_staff = ForStaff::default();
            filed
        }))
    }

    /// A mail that could not be read may ask for anything.
    pub(super) fn of_unread(&self, claimed: &ClaimedMail) -> ForStaff {
        let due_at = self.options.laws.shortest(&Right::ALL, None, claimed.received_at);
        ForStaff { due_at: Some(due_at), ..ForStaff::default() }
    }

    /// Records a failure: the mail is tried again later.
    pub(super) async fn put_back(&self, claimed: &ClaimedMail, fault: &Fault) {
        let how = if fault.retry == Retry::Never { PutBack::Tried } else { PutBack::PutOff };
        let doublings = claimed.attempts.saturating_sub(1).saturating_add(claimed.put_off).min(10);
        let delay = match fault.retry {
            Retry::After(pause) => pause,
            _ => self.options.retry.saturating_mul(1 << doublings).min(Duration::from_mins(10)),
        };
        tracing::warn!(
            mail = %claimed.lease.mail, code = fault.code, detail = fault.detail, again_in = ?delay,
            "a mail could not be acted on now"
        );
        if let Err(error) = self.ledger.put_mail_back(claimed.lease, delay, how).await {
            tracing::warn!(mail = %claimed.lease.mail, error = %error, "a mail could not be put back; its lease runs out");
        }
    }
}

impl Read {
    fn decided(&self, verdict: MailVerdict, reason: String) -> Decided {
        let decision = MailDecision {
            lease: self.claimed.lease,
            verdict,
            reason: with_signs(reason, &self.mail),
            reading: Some(self.reading()),
            answers: false,
            wants_other_address: self.belongs_to.is_some() && !self.mail.other_address.is_empty(),
            form: None,
            for_staff: self.for_staff(),
        };
        Decided { decision, counts: false }
    }

    fn for_staff(&self) -> ForStaff {
        ForStaff {
            to_read: self.mail.verdict.may_be_answered(),
            says: self.mail.says.as_ref().map(|says| says.word),
            due_at: Some(self.due_at),
        }
    }

    /// The rights that may be meant, too, are named: staff see them on the request.
    fn why_taken(&self) -> String {
        let unsure: Vec<&str> =
            self.mail.rights.iter().filter(|right| !right.sure).map(|right| right.right.as_str()).collect();
        if unsure.is_empty() {
            return self.mail.reason.clone();
        }
        format!("{}; perhaps also meant: {}", self.mail.reason, unsure.join(", "))
    }

    fn reading(&self) -> MailReading {
        MailReading {
            verdict: self.mail.verdict,
            authentication: self.mail.sender.authentication,
            evidence: self.evidence.clone(),
            message_id: self.mail.message_id.clone(),
            sender: self.mail.sender.address.clone(),
            understanding: Personal::new(serde_json::to_value(&self.mail).unwrap_or_default()),
        }
    }
}
