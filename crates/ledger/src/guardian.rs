//! Requests about children: who stands for the child, and how far they are.

use chrono::NaiveDate;
use habeas_domain::{
    Actor, Deadline, Language, Letter, RequestId, RequestState, TypedId,
    audit::AuditEvent,
    request::UnknownState,
    submission::{Child, Guardian, Submission},
    verification::{EvidenceRefused, VerificationPolicy},
    words,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Ledger, LedgerError, NewChallenge, clock, corrupt::parse, entity::request, evidence, sealed,
    sealed::OpenRequest, unit::Unit,
};

/// Why the last day for an answer has moved.
const fn sooner(language: Language) -> &'static str {
    match language {
        Language::En => "requests about children are answered sooner",
        Language::Ja => "お子さまに関するご請求には、より早くお答えするため",
    }
}

/// How far the guardian of a child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardianStanding {
    /// Nobody is named. Waits for staff.
    Unnamed,
    /// Somebody is named, and was mailed a link.
    Named,
    /// They confirmed that they are the guardian. That proves nothing yet but that the address is theirs.
    Confirmed,
}

words!(GuardianStanding, or UnknownState: Unnamed = "unnamed", Named = "named", Confirmed = "confirmed");

impl GuardianStanding {
    pub(crate) const fn of(child: &Child) -> Self {
        if child.guardian.is_some() { Self::Named } else { Self::Unnamed }
    }
}

impl Ledger {
    /// Takes an open request for one about a child whose guardian this is, and orders the guardian's mail. From then on
    /// the request takes what `policy` says, whatever it took before, and is answered by `deadline` if that is sooner, which the
    /// person is told. Naming the same one again sends a new link; if the child's age is given now and was not before, `policy`
    /// counts from then on.
    ///
    /// # Errors
    /// [`LedgerError::Evidence`] if it does not wait for proof, or another guardian is named already: the addresses of an open
    /// request are never changed.
    pub async fn name_guardian(
        &self,
        request: RequestId,
        child: Child,
        (policy, deadline): (&VerificationPolicy, Option<&Deadline>),
        link: NewChallenge,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        if row.state != RequestState::AwaitingVerification.as_str() {
            return Err(EvidenceRefused::NotAwaited.into());
        }
        let mut submission = OpenRequest::open(self.vault(), row)?.submission;
        let named = submission.child.as_ref().and_then(|child| child.guardian.as_ref());
        let same = |named: &Guardian| {
            child.guardian.as_ref().is_some_and(|one| one.email.lookup_form() == named.email.lookup_form())
        };
        let again = named.map(same);
        let earlier = submission.child.as_ref().map(|earlier| earlier.age_given);
        let age_is_new = child.age_given && earlier == Some(false);
        match again {
            Some(false) => return Err(EvidenceRefused::GuardianNamed.into()),
            Some(true) if age_is_new => {
                if let Some(earlier) = &mut submission.child {
                    earlier.age_given = true;
                }
                unit.child(row, &submission)?;
                row.verification = evidence::stored(policy)?;
                unit.changes.request(row);
            }
            Some(true) => {}
            None => {
                let age_given = child.age_given || earlier == Some(true);
                submission.child = Some(Child { age_given, ..child });
                unit.child(row, &submission)?;
                if row.guardian.is_none() || age_is_new {
                    row.verification = evidence::stored(policy)?;
                }
                row.guardian = Some(GuardianStanding::Named.as_str().to_owned());
                // Whatever the child said before about who gets the results.
                row.agent_receives_at = None;
                if let Some(deadline) = deadline {
                    unit.answer_sooner(row, deadline, by)?;
                }
                unit.changes.request(row);
            }
        }
        unit.challenge(row, None, link)?;
        let detail = json!({ "article": policy.article, "again": again.is_some() });
        unit.audit(request, AuditEvent::new("guardian-named", by).with(detail));
        unit.commit().await
    }
}

impl Unit<'_> {
    /// Keeps what is known of a child.
    fn child(&self, row: &mut request::Model, submission: &Submission) -> Result<(), LedgerError> {
        let vault = self.ledger.vault();
        let context = sealed::personal(RequestId::from_uuid(row.id));
        row.personal = Some(vault.seal_json(&sealed::key(vault, row)?, &context, submission)?);
        Ok(())
    }

    /// Moves the last day for an answer if this one is sooner, and tells the person.
    fn answer_sooner(
        &mut self,
        row: &mut request::Model,
        deadline: &Deadline,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let due_at = clock::stored(deadline.due_at);
        if due_at >= row.due_at {
            return Ok(());
        }
        let id = RequestId::from_uuid(row.id);
        let from: NaiveDate = parse(&row.due_on, "request", "due_on", row.id)?;
        let to = deadline.due_on;
        row.due_on = to.to_string();
        row.due_at = due_at;
        row.alert_on = Some(deadline.alert_on.to_string());
        row.alert_at = Some(clock::stored(deadline.alert_at));
        row.alerts = 0;
        let open = OpenRequest::open(self.ledger.vault(), row)?;
        let reason = sooner(open.language).to_owned();
        let letter = Letter::DueDateChanged { from, to, reason };
        self.mail(row, None, open.address(), &letter, format!("{id}/due/child"))?;
        let detail = json!({ "from": from, "to": to, "basis": deadline.basis });
        self.audit(id, AuditEvent::new("due-sooner", by).with(detail));
        Ok(())
    }
}
