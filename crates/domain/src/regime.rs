//! Regimes: the parameters of a law as data, each number with its article and with how sure we are of it.
//! They are not legal advice; what is not [`Confidence::Stated`] is shown to staff as "check with counsel".

mod agents;
mod builtin;
mod child;
mod id;
mod parse;
mod rules;
mod sourced;
mod timing;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use agents::{AgentRules, Exception};
pub use builtin::Regimes;
pub use child::ChildRule;
pub use id::{MalformedRegimeId, RegimeId};
pub use rules::{Complaint, RefusalReason, RightRule};
pub use sourced::{Confidence, Sourced};
pub use timing::{ClockStart, Extension, FirstDay, Timing};

use crate::{Bilingual, Right, approval::ApprovalPolicy, deadline::Period, verification::VerificationRules};

/// One law's parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// Its short name, such as `eu_gdpr`.
    pub id: RegimeId,
    /// Its name, as people write it.
    pub title: Bilingual,
    /// The law itself.
    pub citation: String,
    /// Whose midnight ends a day. The controller's own; a configuration may set another.
    pub time_zone: Tz,
    /// How long there is, and how it is counted.
    pub timing: Timing,
    /// The rights it offers.
    pub rights: BTreeMap<Right, RightRule>,
    /// The reasons for which a request may be refused.
    #[serde(rename = "refusal", default)]
    pub refusals: Vec<RefusalReason>,
    /// Where a person can complain.
    pub complaint: Complaint,
    /// What is said about not being treated worse (mission N28).
    pub non_discrimination: Sourced<Bilingual>,
    /// What proof of identity takes; the mailed link where the file says nothing.
    #[serde(default)]
    pub verification: VerificationRules,
    /// Whom it takes for a child, and what it takes then.
    #[serde(default)]
    pub child: ChildRule,
    /// Who may act for the person, and how; the person confirms directly where the file says nothing.
    #[serde(default)]
    pub agents: AgentRules,
    /// How long records of requests are kept at least; nothing if the law names no period.
    pub records: Option<Sourced<Period>>,
}

impl Regime {
    /// The rule of a right; nothing if this law does not offer it.
    pub fn right(&self, right: Right) -> Option<&RightRule> {
        self.rights.get(&right)
    }

    /// Whether this law offers a right.
    pub fn offers(&self, right: Right) -> bool {
        self.rights.contains_key(&right)
    }

    /// Who must agree before a job for `right` runs. A right that the law does not offer takes one person.
    pub fn approval(&self, right: Right) -> ApprovalPolicy {
        self.right(right).map_or(ApprovalPolicy::OnePerson, |rule| rule.approval)
    }

    /// The reason of that code, if it may be given for `right`.
    pub fn refusal(&self, code: &str, right: Right) -> Option<&RefusalReason> {
        self.refusals_for(right).find(|reason| reason.code == code)
    }

    /// Every reason that may be given for `right`.
    pub fn refusals_for(&self, right: Right) -> impl Iterator<Item = &RefusalReason> {
        self.refusals.iter().filter(move |reason| reason.applies_to(right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builtin(id: &str) -> Regime {
        let regimes = Regimes::builtin().expect("the embedded files parse");
        regimes.get(&id.parse().expect("an id")).expect("an embedded regime").clone()
    }

    #[test]
    fn copies_are_automatic_and_changes_take_a_person() {
        for id in ["eu_gdpr", "uk_gdpr", "us_ca", "jp_appi"] {
            let regime = builtin(id);
            assert_eq!(regime.approval(Right::Access), ApprovalPolicy::Automatic, "{id}");
            assert_eq!(regime.approval(Right::Deletion), ApprovalPolicy::OnePerson, "{id}");
            assert_eq!(regime.approval(Right::Correction), ApprovalPolicy::OnePerson, "{id}");
        }
        assert_eq!(builtin("eu_gdpr").approval(Right::Portability), ApprovalPolicy::Automatic);
    }

    #[test]
    fn only_some_laws_let_a_mandate_stand_in_for_the_person() {
        use crate::submission::MandateKind as M;
        let without = |id: &str| {
            let rules = builtin(id).agents;
            M::ALL.into_iter().filter(|kind| rules.needs_no_confirmation(*kind)).collect::<Vec<_>>()
        };
        assert_eq!(without("us_ca"), [M::PowerOfAttorney]);
        assert_eq!(without("jp_appi"), M::ALL);
        assert_eq!((without("eu_gdpr"), without("uk_gdpr")), (vec![], vec![]));
    }

    #[test]
    fn japan_offers_no_portability() {
        assert!(!builtin("jp_appi").offers(Right::Portability));
        assert!(builtin("jp_appi").offers(Right::Deletion));
    }

    #[test]
    fn a_reason_is_given_only_for_its_right() {
        let regime = builtin("eu_gdpr");
        assert!(regime.refusal("legal-obligation", Right::Deletion).is_some());
        assert!(regime.refusal("legal-obligation", Right::Access).is_none());
        assert!(regime.refusal("identity-not-proven", Right::Access).is_some());
    }

    #[test]
    fn every_right_offered_can_be_refused_with_a_reason_in_both_languages() {
        for regime in Regimes::builtin().expect("the embedded files parse").iter() {
            for right in regime.rights.keys() {
                assert!(regime.refusals_for(*right).count() > 0, "{} {right}", regime.id);
            }
            for reason in &regime.refusals {
                assert!(!reason.article.is_empty() && reason.text.ja.ends_with('。'), "{}", reason.code);
            }
        }
    }

    #[test]
    fn a_regime_survives_being_written_as_json() {
        let regime = builtin("us_ca");
        let text = serde_json::to_string(&regime).expect("it serialises");
        assert_eq!(serde_json::from_str::<Regime>(&text).expect("it reads back"), regime);
    }
}
