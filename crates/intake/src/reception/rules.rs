//! The regimes as this deployment applies them: their time zone, their calendar and their approval policies.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use habeas_domain::{
    AgentTerms, Calendar, Calendars, Channel, Deadline, Regime, RegimeId, Regimes, Right, Submission,
    approval::ApprovalPolicy,
    submission::Submitter,
    verification::{Level, VerificationPolicy},
};

use super::{ReceptionError, ReceptionOptions, fits};

#[derive(Debug)]
pub(super) struct Rules {
    /// Every law that is known.
    pub(super) regimes: Regimes,
    /// Those of them that a submission may name.
    pub(super) taken: Regimes,
    /// The law of a submission that names none.
    usual: RegimeId,
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
        fits::check(regimes, options)?;
        let mut rules = Self {
            regimes: Regimes::default(),
            taken: Regimes::default(),
            usual: options.default_regime.clone(),
            calendars: BTreeMap::new(),
            approvals: options.approvals.clone(),
            levels: options.levels.clone(),
        };
        for regime in regimes.iter() {
            rules.calendars.insert(regime.id.clone(), calendars.of(regime)?);
            let time_zone = options.time_zone.unwrap_or(regime.time_zone);
            let regime = Regime { time_zone, ..regime.clone() };
            if options.regimes.is_empty() || options.regimes.contains(&regime.id) {
                rules.taken.add(regime.clone());
            }
            rules.regimes.add(regime);
        }
        Ok(rules)
    }

    /// The laws that have a say in what `submission` takes: the one it is under; and the usual one, too, where whoever named
    /// another has proven nothing yet. A form passes on what a person chose, whoever hands it in.
    pub(super) fn laws(&self, submission: &Submission, by: Submitter) -> Vec<&Regime> {
        let chosen = by.chooses_law && submission.channel != Channel::Form;
        let usual = (!chosen && submission.regime != self.usual).then_some(&self.usual);
        usual.into_iter().chain([&submission.regime]).filter_map(|id| self.regimes.get(id)).collect()
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

    /// What proof of identity takes for the strictest right that `submission` claims, under each of `laws`; where each of them
    /// lets the agent who asks act without the person confirming it, their mandate is enough, too.
    pub(super) fn verification(&self, laws: &[&Regime], submission: &Submission) -> VerificationPolicy {
        if let Some(child) = &submission.child {
            let usual = VerificationPolicy::guardian();
            let mut policies: Vec<&VerificationPolicy> =
                laws.iter().map(|law| &law.child.verification).collect();
            if policies.is_empty() {
                policies.push(&usual);
            }
            let policy = VerificationPolicy::strictest(policies);
            return if child.age_given { policy } else { policy.with_guardian_looked_at() };
        }
        let policies: Vec<VerificationPolicy> = laws
            .iter()
            .map(|law| law.verification.of_all(&submission.rights, &self.levels(law, submission)))
            .collect();
        let policy = VerificationPolicy::strictest(&policies);
        let stands_in = submission.agent.as_ref().is_some_and(|agent| {
            !laws.is_empty() && laws.iter().all(|law| law.agents.needs_no_confirmation(agent.mandate.kind))
        });
        if stands_in { policy.with_mandate() } else { policy }
    }

    /// Which levels `submission` takes under a law, by what the deployment has chosen.
    fn levels(&self, law: &Regime, submission: &Submission) -> BTreeMap<Right, Level> {
        let levels = self.levels.get(&law.id).cloned().unwrap_or_default();
        if submission.changes_a_contact() { law.verification.levels_of_a_contact(levels) } else { levels }
    }

    /// On which terms an agent's request is taken: those of `usual`, and what the laws say; of two, the shorter proof.
    pub(super) fn agents(laws: &[&Regime], usual: AgentTerms) -> AgentTerms {
        let terms = laws.iter().map(|law| law.agents.terms(usual));
        terms.min_by_key(|terms| terms.proof_life).unwrap_or(usual)
    }

    /// Who must agree to each right that `submission` claims: as many as under the strictest of `laws`.
    pub(super) fn policies(
        &self,
        laws: &[&Regime],
        submission: &Submission,
    ) -> BTreeMap<Right, ApprovalPolicy> {
        let under = |law: &Regime, right: Right| {
            let own = self.approvals.get(&law.id).and_then(|rights| rights.get(&right)).copied();
            own.unwrap_or_else(|| law.approval(right))
        };
        let policy = |right: Right| {
            let policies = laws.iter().map(|law| under(law, right));
            policies.max_by_key(|policy| policy.needed()).unwrap_or(ApprovalPolicy::OnePerson)
        };
        submission.rights.iter().map(|right| (*right, policy(*right))).collect()
    }
}
