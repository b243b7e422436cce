mod anew;
mod batch;
mod correctable;
mod door;
mod fits;
mod options;
mod receive;
mod rules;

use std::sync::Arc;

use chrono::TimeDelta;
use habeas_domain::{
    Calendars, Channel, FieldProblem, RegimeId, Regimes, Submission, SubmissionDefaults,
    submission::Submitter,
};
use habeas_ledger::{Ledger, NewRequest};
use serde_json::Value;

pub use batch::{BatchLine, BatchTaken, LineTaken};
pub use correctable::Correctable;
pub use options::{PolicyTable, ReceptionError, ReceptionOptions};
pub use receive::{MailDoor, ReceiveError};
use rules::Rules;

/// The one desk behind every door. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reception(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Ledger,
    rules: Rules,
    options: ReceptionOptions,
}

impl Reception {
    /// A reception that has `ledger` take what passes.
    ///
    /// # Errors
    /// When the options name what the regimes do not have, or a regime names a calendar that is not there.
    pub fn new(
        ledger: Ledger,
        regimes: &Regimes,
        calendars: &Calendars,
        options: ReceptionOptions,
    ) -> Result<Self, ReceptionError> {
        let rules = Rules::new(regimes, calendars, &options)?;
        Ok(Self(Arc::new(Inner { ledger, rules, options })))
    }

    /// Whether a reception could be made of these. Asks nobody.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn check(
        regimes: &Regimes,
        calendars: &Calendars,
        options: &ReceptionOptions,
    ) -> Result<(), ReceptionError> {
        Rules::new(regimes, calendars, options).map(drop)
    }

    /// The law that a submission names, if it is known and no requests are taken under it.
    fn law_not_taken(&self, value: &Value) -> Option<RegimeId> {
        let named = RegimeId::new(value.get("regime")?.as_str()?).ok()?;
        let rules = &self.0.rules;
        (rules.regimes.get(&named).is_some() && rules.taken.get(&named).is_none()).then_some(named)
    }

    /// Judges a submission without taking it. Writes nothing.
    ///
    /// `idempotency_key` is the caller's own: it is kept apart from the keys of other doors and other callers.
    ///
    /// # Errors
    /// Every problem at once, none of which shows a value.
    pub fn screen(
        &self,
        value: &Value,
        door: Channel,
        by: impl Into<Submitter>,
        idempotency_key: Option<&str>,
    ) -> Result<NewRequest, Vec<FieldProblem>> {
        let by = by.into();
        let defaults = SubmissionDefaults {
            regime: self.0.options.default_regime.clone(),
            language: self.0.options.default_language,
            channel: door,
            now: self.0.ledger.ids().now(),
            regimes: &self.0.rules.taken,
        };
        let mut problems: Vec<FieldProblem> = door::channel_problem(value, door).into_iter().collect();
        problems.extend(idempotency_key.and_then(door::key_problem));
        let submission = match Submission::read(value, &defaults) {
            Ok(submission) => submission,
            Err(more) => {
                problems.extend(more);
                return Err(problems);
            }
        };
        let correctable = self.0.options.correctable.as_ref();
        problems.extend(correctable.into_iter().flat_map(|known| known.problems(&submission, door)));
        if !problems.is_empty() {
            return Err(problems);
        }
        let key = idempotency_key.map(|key| format!("{door}/{}/{key}", by.actor));
        self.request(submission, by, key).ok_or_else(|| vec![unknown_regime()])
    }

    /// Adds what the law and the settings say.
    fn request(
        &self,
        submission: Submission,
        by: Submitter,
        idempotency_key: Option<String>,
    ) -> Option<NewRequest> {
        let deadline = self.0.rules.deadline(&submission, None)?;
        let lapse_after = TimeDelta::from_std(self.0.options.lapse_after).unwrap_or(TimeDelta::MAX);
        let now = self.0.ledger.ids().now();
        let laws = self.0.rules.laws(&submission, by);
        Some(NewRequest {
            law_not_taken: None,
            policies: self.0.rules.policies(&laws, &submission),
            verification: self.0.rules.verification(&laws, &submission),
            deadline,
            agents: Rules::agents(&laws, self.0.options.agents),
            batch: None,
            asked_in: None,
            receipt: true,
            lapse_at: now.checked_add_signed(lapse_after).unwrap_or(chrono::DateTime::<chrono::Utc>::MAX_UTC),
            submission,
            submitted_by: by.actor,
            idempotency_key,
        })
    }
}

fn unknown_regime() -> FieldProblem {
    FieldProblem {
        field: "regime".to_owned(),
        code: "unknown-value",
        message: "this regime is not known".to_owned(),
    }
}
