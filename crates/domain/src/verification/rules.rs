use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Level, Method, VerificationPolicy};
use crate::{DataFileError, Right, regime::Confidence};

/// What one law asks for, right by right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerificationRules {
    /// What reasonable certainty takes.
    pub reasonable: VerificationPolicy,
    /// What high certainty takes.
    pub high: VerificationPolicy,
    /// The rights that take high certainty; the others take reasonable certainty.
    pub high_for: BTreeSet<Right>,
}

impl Default for VerificationRules {
    /// The mailed link for reasonable certainty; for high certainty a second proof that does not come by mail. Documents
    /// count nowhere unless a regime's file says so: they prove little and are dangerous to keep.
    fn default() -> Self {
        let second = [Method::SignIn, Method::SmsCode, Method::RecentDealings, Method::CallBack];
        let high = VerificationPolicy {
            level: Level::High,
            enough: second.map(|method| BTreeSet::from([Method::MailLink, method])).into(),
            answers: 3,
            callers: 2,
            confidence: Confidence::General,
            ..VerificationPolicy::mail_link()
        };
        Self { reasonable: VerificationPolicy::mail_link(), high, high_for: BTreeSet::new() }
    }
}

impl VerificationRules {
    /// The most answers that a policy may ask for: more is more than people remember.
    const MOST_ANSWERS: u32 = 5;

    /// How sure the company has to be for `right`, where `levels` says for which rights a deployment has chosen another
    /// level than the law's file. All rights that hand out a copy take what the strictest of them takes: they are doors to
    /// the same data, and whoever is kept out at one would go in at the other.
    pub fn level(&self, right: Right, levels: &BTreeMap<Right, Level>) -> Level {
        let usual = |one| if self.high_for.contains(&one) { Level::High } else { Level::Reasonable };
        let own = |one| levels.get(&one).copied().unwrap_or_else(|| usual(one));
        let same_door = |one: &Right| right.gives_a_copy() && one.gives_a_copy();
        Right::ALL.into_iter().filter(same_door).map(own).fold(own(right), Level::max)
    }

    /// The highest level that any right takes. `levels` as for [`Self::level`].
    pub fn highest(&self, levels: &BTreeMap<Right, Level>) -> Level {
        Right::ALL.into_iter().map(|right| self.level(right, levels)).max().unwrap_or_default()
    }

    /// `levels`, for a request that corrects how the person is reached: that takes the highest level of any right. Else the weak
    /// proof would change the telephone that the strong one goes to.
    #[must_use]
    pub fn levels_of_a_contact(&self, mut levels: BTreeMap<Right, Level>) -> BTreeMap<Right, Level> {
        levels.insert(Right::Correction, self.highest(&levels));
        levels
    }

    /// What a request for `rights` takes: enough for the strictest of them. `levels` as for [`Self::level`].
    pub fn of_all(&self, rights: &[Right], levels: &BTreeMap<Right, Level>) -> VerificationPolicy {
        VerificationPolicy::strictest(rights.iter().map(|right| match self.level(*right, levels) {
            Level::High => &self.high,
            Level::Reasonable => &self.reasonable,
        }))
    }

    /// The rules that the types alone do not hold.
    pub(crate) fn check(&self, file: &str) -> Result<(), DataFileError> {
        for (name, policy, level) in
            [("reasonable", &self.reasonable, Level::Reasonable), ("high", &self.high, Level::High)]
        {
            check(file, &format!("verification.{name}"), policy, level)?;
        }
        Ok(())
    }
}

fn check(file: &str, place: &str, policy: &VerificationPolicy, level: Level) -> Result<(), DataFileError> {
    let wrong =
        |field: &str, problem: &str| Err(DataFileError::rule(file, format!("{place}.{field}"), problem));
    if policy.level != level {
        return wrong("level", &format!("write level = \"{}\"", level.as_str()));
    }
    if policy.enough.iter().flatten().any(|method| method.is_of_a_guardian()) {
        return wrong("enough", "put what guardians show into child.verification");
    }
    if policy.enough.is_empty() {
        return wrong("enough", "name at least one set of methods, such as [[\"mail-link\"]]");
    }
    if !policy.enough.iter().all(|set| set.contains(&Method::MailLink)) {
        return wrong(
            "enough",
            "put mail-link into every set: the stores are asked for the address it proves",
        );
    }
    if policy.counts(Method::Mandate) {
        return wrong(
            "enough",
            "leave mandate out, and say under agents.without_confirmation where it is enough",
        );
    }
    if level == Level::High && policy.enough.iter().any(|set| set.len() < 2) {
        return wrong("enough", "high certainty takes a second method beside mail-link in every set");
    }
    if !(1..=VerificationRules::MOST_ANSWERS).contains(&policy.answers) {
        return wrong("answers", "write a number from 1 to 5");
    }
    if !(1..=3).contains(&policy.callers) {
        return wrong("callers", "write a number from 1 to 3");
    }
    if !(2..=3).contains(&policy.reviewers) {
        return wrong("reviewers", "write 2 or 3: a document is never judged by one person");
    }
    if policy.never_ask.documents && policy.counts(Method::Document) {
        return wrong("enough", "leave document out, or set never_ask.documents to false");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_that_give_a_copy_share_the_strictest_level_among_them() {
        let level = |rules: &VerificationRules, right, set: &[(Right, Level)]| {
            rules.level(right, &set.iter().copied().collect())
        };
        let usual = VerificationRules::default();
        for [one, other] in [[Right::Access, Right::Portability], [Right::Portability, Right::Access]] {
            assert_eq!(level(&usual, one, &[]), Level::Reasonable);
            assert_eq!(level(&usual, other, &[(one, Level::High)]), Level::High, "{other} beside {one}");
            let file = VerificationRules { high_for: [one].into(), ..VerificationRules::default() };
            assert_eq!(level(&file, other, &[]), Level::High, "the law's file says so of {one}");
            let lowered = [(one, Level::Reasonable), (other, Level::Reasonable)];
            assert_eq!(level(&file, one, &lowered), Level::Reasonable, "both are set");
        }
        for right in [Right::Deletion, Right::Correction] {
            assert_eq!(level(&usual, right, &[(Right::Access, Level::High)]), Level::Reasonable, "{right}");
            assert_eq!(level(&usual, Right::Access, &[(right, Level::High)]), Level::Reasonable, "{right}");
        }
    }

    #[test]
    fn a_request_takes_what_the_strictest_of_its_rights_takes() {
        let rules = VerificationRules::default();
        let high = [(Right::Deletion, Level::High)].into();
        assert_eq!(rules.of_all(&[Right::Access], &high), rules.reasonable);
        assert_eq!(rules.of_all(&[Right::Access, Right::Deletion], &high).level, Level::High);
        let high = [(Right::Access, Level::High)].into();
        assert_eq!(rules.of_all(&[Right::Portability], &high), rules.high);
    }
}
