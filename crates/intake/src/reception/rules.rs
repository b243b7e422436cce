//! The regimes as this deployment applies them: their time zone, their calendar and their approval policies.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use habeas_domain::{
    AgentTerms, Calendar, Calendars, Deadline, Regime, RegimeId, Regimes, Right, Submission,
    approval::ApprovalPolicy,
    verification::{Level, VerificationPolicy},
};

use super::{ReceptionError, ReceptionOptions};

#[derive(Debug)]
pub(super) struct Rules {
    pub(super) regimes: Regimes,
    calendars: BTreeMap<RegimeId, Calendar>,
    approvals: BTreeMap<RegimeId, BTreeMap<Right, ApprovalPolicy>>,
    levels: BTreeMap<RegimeId, BTreeMap<Right, Level>>,
}

impl Rules {
    pub(super) fn new(
        regimes: &Regimes,
        calendars: &Calendars,
        options: &ReceptionOptions,
    ) -> Result<Self, ReceptionError> {
        let known = || regimes.ids().map(RegimeId::as_str).collect::<Vec<_>>().join(", ");
        if regimes.get(&options.default_regime).is_none() {
            return Err(ReceptionError::UnknownDefault {
                regime: options.default_regime.clone(),
                known: known(),
            });
        }
        let approvals = options.approvals.iter().map(|(regime, rights)| (regime, rights.keys().collect()));
        let levels = options.levels.iter().map(|(regime, rights)| (regime, rights.keys().collect()));
        for (regime, rights) in approvals.chain(levels) {
            let rights: Vec<&Right> = rights;
            let unknown = || ReceptionError::UnknownRegime { regime: regime.clone(), known: known() };
            let found = regimes.get(regime).ok_or_else(unknown)?;
            if let Some(right) = rights.into_iter().find(|right| !found.offers(**right)) {
                return Err(ReceptionError::NotOffered { regime: regime.clone(), right: *right });
            }
        }
        let mut rules = Self {
            regimes: Regimes::default(),
            calendars: BTreeMap::new(),
            approvals: options.approvals.clone(),
            levels: options.levels.clone(),
        };
        for regime in regimes.iter() {
            rules.calendars.insert(regime.id.clone(), calendars.of(regime)?);
            let time_zone = options.time_zone.unwrap_or(regime.time_zone);
            rules.regimes.add(Regime { time_zone, ..regime.clone() });
        }
        Ok(rules)
    }

    /// The last day for an answer to `submission`; nothing if its regime is not among these.
    pub(super) fn deadline(
        &self,
        submission: &Submission,
        proven_at: Option<DateTime<Utc>>,
    ) -> Option<Deadline> {
        let regime = self.regimes.get(&submission.regime)?;
        let calendar = self.calendars.get(&submission.regime)?;
        let deadline =
            Deadline::compute(regime, calendar, &submission.rights, submission.received_at, proven_at);
        let child = submission.child.is_some();
        Some(if child { deadline.for_child(regime, calendar) } else { deadline })
    }

    /// What proof of identity takes for the strictest right that `submission` claims; where the law lets the agent who
    /// asks act without the person confirming it, their mandate is enough, too.
    pub(super) fn verification_of(&self, submission: &Submission) -> VerificationPolicy {
        let policy = self.verification(submission);
        let regime = self.regimes.get(&submission.regime);
        let agent = submission.agent.as_ref();
        let may = regime
            .zip(agent)
            .is_some_and(|(regime, agent)| regime.agents.needs_no_confirmation(agent.mandate.kind));
        if may && submission.child.is_none() { policy.with_mandate() } else { policy }
    }

    /// What proof of identity takes for the strictest right that `submission` claims.
    fn verification(&self, submission: &Submission) -> VerificationPolicy {
        let own = self.levels.get(&submission.regime).cloned().unwrap_or_default();
        let regime = self.regimes.get(&submission.regime);
        if submission.child.is_some() {
            return regime
                .map_or_else(VerificationPolicy::guardian, |regime| regime.child.verification.clone());
        }
        regime.map(|regime| regime.verification.of_all(&submission.rights, &own)).unwrap_or_default()
    }

    /// On which terms an agent's request is taken: those of `usual`, and what the law says.
    pub(super) fn agents(&self, submission: &Submission, usual: AgentTerms) -> AgentTerms {
        let regime = self.regimes.get(&submission.regime);
        regime.map_or(usual, |regime| regime.agents.terms(usual))
    }

    /// Who must agree to each right that `submission` claims.
    pub(super) fn policies(&self, submission: &Submission) -> BTreeMap<Right, ApprovalPolicy> {
        let own = self.approvals.get(&submission.regime);
        let policy = |right: Right| {
            let own = own.and_then(|rights| rights.get(&right)).copied();
            let usual = || self.regimes.get(&submission.regime).map(|regime| regime.approval(right));
            own.or_else(usual).unwrap_or(ApprovalPolicy::OnePerson)
        };
        submission.rights.iter().map(|right| (*right, policy(*right))).collect()
    }
}
