use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Method;
use crate::{Category, regime::Confidence};

/// How sure the company has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A reasonable degree of certainty.
    #[default]
    Reasonable,
    /// A high degree: for what would hurt most in the wrong hands.
    High,
}

impl Level {
    /// The name used in files and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reasonable => "reasonable",
            Self::High => "high",
        }
    }
}

/// What a person must never be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NeverAsk {
    /// Papers that show who one is.
    pub documents: bool,
    /// Questions about fields of these categories, and of those below them.
    pub categories: BTreeSet<Category>,
}

impl NeverAsk {
    /// Whether a question about a field of `category` is forbidden.
    pub fn forbids(&self, category: &Category) -> bool {
        self.categories.iter().any(|one| {
            let rest = category.as_str().strip_prefix(one.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

const fn two() -> u32 {
    2
}

const fn one() -> u32 {
    1
}

/// What has to be shown before anything is done for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerificationPolicy {
    /// How sure the company has to be.
    pub level: Level,
    /// Sets of methods: whoever shows every method of one set has shown enough. The mailed link is in each, since the
    /// stores are asked for the address that it proves, and for nothing that a person merely says.
    pub enough: Vec<BTreeSet<Method>>,
    /// How many questions about recent dealings have to be answered rightly. Default 2.
    #[serde(default = "two")]
    pub answers: u32,
    /// How many different members of staff have to have called back. Default 1.
    #[serde(default = "one")]
    pub callers: u32,
    /// How many different members of staff have to accept a document. Default 2.
    #[serde(default = "two")]
    pub reviewers: u32,
    /// What a person must never be asked for.
    #[serde(default)]
    pub never_ask: NeverAsk,
    /// The article, or `policy` where the law leaves it to the company.
    pub article: String,
    /// How sure we are of it.
    pub confidence: Confidence,
}

impl Default for VerificationPolicy {
    fn default() -> Self {
        Self::mail_link()
    }
}

impl VerificationPolicy {
    /// The mailed link or code is enough.
    pub fn mail_link() -> Self {
        Self {
            level: Level::Reasonable,
            enough: vec![BTreeSet::from([Method::MailLink])],
            answers: two(),
            callers: one(),
            reviewers: two(),
            never_ask: NeverAsk::default(),
            article: "policy".to_owned(),
            confidence: Confidence::General,
        }
    }

    /// For a child: the guardian's own link, and the stores or a document vouch for the guardian. With a document the
    /// child's address has to be confirmed too, or the number on file called: it says who is whose guardian, and nothing
    /// of whose account it is.
    pub fn guardian() -> Self {
        use Method::{CallBack, GuardianLink, GuardianOnFile, GuardianProof, MailLink};
        let enough = [
            BTreeSet::from([GuardianLink, GuardianOnFile]),
            BTreeSet::from([GuardianLink, GuardianProof, MailLink]),
            BTreeSet::from([GuardianLink, GuardianProof, CallBack]),
        ];
        Self { level: Level::High, enough: enough.into(), callers: two(), ..Self::mail_link() }
    }

    /// The same for a child whose age nobody gave: that the stores hold the guardian is not enough, since they hold those of
    /// people who have grown up, too.
    #[must_use]
    pub fn with_guardian_looked_at(mut self) -> Self {
        let by_file = |set: &BTreeSet<Method>| set.contains(&Method::GuardianOnFile);
        self.enough.retain(|set| !by_file(set));
        if self.enough.is_empty() {
            self.enough = Self::guardian().enough;
            self.enough.retain(|set| !by_file(set));
        }
        self
    }

    /// Whether it is met through a guardian alone.
    pub fn is_for_child(&self) -> bool {
        !self.enough.is_empty() && self.enough.iter().all(|set| set.contains(&Method::GuardianLink))
    }

    /// Whether the mailed link alone is enough.
    pub fn is_mail_link_alone(&self) -> bool {
        self.enough.iter().any(|set| set.iter().all(|method| *method == Method::MailLink))
    }

    /// Whether a method can help at all.
    pub fn counts(&self, method: Method) -> bool {
        self.enough.iter().any(|set| set.contains(&method))
    }

    /// The same after staff have asked for a document in this one case: the mailed link alone is not enough any more, and
    /// with a document that was accepted it is. Nothing if a person must never be asked for one, or is a child.
    pub fn with_document(mut self) -> Option<Self> {
        if self.never_ask.documents || self.is_for_child() {
            return None;
        }
        self.enough.retain(|set| set.iter().any(|method| *method != Method::MailLink));
        self.enough.push(BTreeSet::from([Method::MailLink, Method::Document]));
        self.enough = smallest(self.enough);
        Some(self)
    }

    /// The same where the law lets an agent act without the person confirming it: the mandate that staff accepted is
    /// enough, too; for high certainty together with a call to the number on file.
    #[must_use]
    pub fn with_mandate(mut self) -> Self {
        let mut set = BTreeSet::from([Method::Mandate]);
        if self.level == Level::High {
            set.insert(Method::CallBack);
        }
        self.enough.push(set);
        self.enough = smallest(self.enough);
        self
    }

    /// The policy that is met exactly when each of `policies` is: what a request needs that claims several rights. The
    /// mailed link alone where there is none.
    pub fn strictest<'a>(policies: impl IntoIterator<Item = &'a Self>) -> Self {
        policies.into_iter().cloned().reduce(Self::both).unwrap_or_else(Self::mail_link)
    }

    fn both(self, other: Self) -> Self {
        if self == other {
            return self;
        }
        let enough = self.enough.iter().flat_map(|one| other.enough.iter().map(move |two| one | two));
        let mut categories = self.never_ask.categories;
        categories.extend(other.never_ask.categories);
        let article = if self.article == other.article {
            self.article
        } else {
            format!("{}; {}", self.article, other.article)
        };
        Self {
            level: self.level.max(other.level),
            enough: smallest(enough.collect()),
            answers: self.answers.max(other.answers),
            callers: self.callers.max(other.callers),
            reviewers: self.reviewers.max(other.reviewers),
            never_ask: NeverAsk {
                documents: self.never_ask.documents || other.never_ask.documents,
                categories,
            },
            article,
            confidence: self.confidence.min(other.confidence),
        }
    }
}

/// Without the sets that hold another one, smallest first.
pub(super) fn smallest(mut sets: Vec<BTreeSet<Method>>) -> Vec<BTreeSet<Method>> {
    sets.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
    let mut kept: Vec<BTreeSet<Method>> = Vec::new();
    for set in sets {
        if !kept.iter().any(|smaller| smaller.is_subset(&set)) {
            kept.push(set);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_category_forbids_those_below_it_and_no_namesake() {
        let forbidden = |text: &str| {
            let never =
                NeverAsk { documents: false, categories: [Category::new("user.health").unwrap()].into() };
            never.forbids(&Category::new(text).unwrap())
        };
        assert!(forbidden("user.health") && forbidden("user.health.blood"));
        assert!(!forbidden("user.healthy_meals") && !forbidden("user"));
    }

    #[test]
    fn a_document_that_is_asked_for_is_asked_beside_the_link_and_never_where_it_is_forbidden() {
        let asked = VerificationPolicy::mail_link().with_document().unwrap();
        assert_eq!(asked.enough, [BTreeSet::from([Method::MailLink, Method::Document])]);
        assert!(!asked.is_mail_link_alone());
        let high = VerificationPolicy {
            enough: vec![BTreeSet::from([Method::MailLink, Method::SignIn])],
            ..VerificationPolicy::mail_link()
        };
        let asked = high.clone().with_document().unwrap();
        assert_eq!(asked.enough.len(), 2, "one way more");
        assert_eq!(asked.clone().with_document().unwrap(), asked);
        let never = NeverAsk { documents: true, ..NeverAsk::default() };
        assert_eq!(VerificationPolicy { never_ask: never, ..high }.with_document(), None);
    }

    #[test]
    fn without_an_age_the_file_alone_vouches_for_no_guardian() {
        let file = BTreeSet::from([Method::GuardianLink, Method::GuardianOnFile]);
        let only_file = VerificationPolicy { enough: vec![file], ..VerificationPolicy::guardian() };
        for policy in [VerificationPolicy::guardian(), only_file] {
            let looked_at = policy.with_guardian_looked_at();
            assert!(looked_at.is_for_child() && !looked_at.counts(Method::GuardianOnFile));
            assert!(looked_at.enough.iter().all(|set| set.contains(&Method::GuardianProof)), "{looked_at:?}");
        }
    }

    #[test]
    fn a_mandate_is_enough_only_where_the_law_says_so_and_for_much_with_a_call() {
        use crate::{
            Actor, TokenId, TypedId,
            verification::{Evidence, EvidenceOutcome, EvidenceRefused, Standing, admit, judge},
        };
        let staff = |n: u8| Actor::Token(TokenId::from_uuid(uuid::Uuid::from_bytes([n; 16])));
        let shown = |method, by| Evidence {
            method,
            outcome: EvidenceOutcome::Passed,
            at: chrono::DateTime::UNIX_EPOCH,
            by,
            answers: 0,
            note: None,
        };
        let accepted = vec![shown(Method::Mandate, staff(1)), shown(Method::Mandate, staff(2))];
        let usual = VerificationPolicy::mail_link();
        assert_ne!(judge(&usual, &accepted), Standing::Proven);
        let wrong = admit(&usual, &[], &accepted[0], Actor::System);
        assert_eq!(wrong, Err(EvidenceRefused::DoesNotCount), "in general the person confirms");
        let law = usual.clone().with_mandate();
        assert_eq!(admit(&law, &[], &accepted[0], Actor::System), Ok(()), "nothing has to come before it");
        assert_ne!(judge(&law, &accepted[..1]), Standing::Proven, "one judge is not enough");
        assert_eq!(judge(&law, &accepted), Standing::Proven);
        let by_agent = [Method::Mandate; 2].map(|method| shown(method, Actor::Agent));
        assert_ne!(judge(&law, &by_agent), Standing::Proven);
        assert_eq!(
            judge(&law, &[shown(Method::MailLink, Actor::Subject)]),
            Standing::Proven,
            "or the person does"
        );
        let high = VerificationPolicy {
            level: Level::High,
            enough: vec![BTreeSet::from([Method::MailLink, Method::SignIn])],
            ..usual
        };
        let high = high.with_mandate();
        assert_ne!(judge(&high, &accepted), Standing::Proven);
        let call = shown(Method::CallBack, staff(3));
        assert_eq!(admit(&high, &[], &call, Actor::System), Err(EvidenceRefused::MailFirst));
        assert_eq!(admit(&high, &accepted, &call, Actor::System), Ok(()));
        let called = [accepted, vec![call]].concat();
        assert_eq!(judge(&high, &called), Standing::Proven);
    }

    #[test]
    fn a_policy_survives_being_written_as_json() {
        let policy = VerificationPolicy::mail_link();
        let text = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<VerificationPolicy>(&text).unwrap(), policy);
    }
}
