//! Whether what each law asks for as proof of identity can be given here at all.

use std::collections::BTreeSet;

use habeas_config::Config;
use habeas_domain::{
    RegimeId, Regimes, Right,
    verification::{Level, Method, VerificationPolicy},
};
use habeas_fulfilment::is_own_phone;
use habeas_registry::{Field, Registry};

/// What a correction of an address or a telephone number is called beside the rights.
const CONTACTS: &str = "corrections of addresses and telephone numbers";

/// Rights under a law that nobody could prove themselves for, however long they tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unprovable {
    /// What is wrong, without the fix.
    pub(crate) message: String,
    /// What to configure.
    pub(crate) fix: String,
}

/// Every policy that a request can take and nobody can meet, law by law.
pub(crate) fn unprovable(config: &Config, regimes: &Regimes, registry: &Registry) -> Vec<Unprovable> {
    let open = regimes.iter().filter(|regime| config.requests.takes(&regime.id));
    let means = Means { config, registry };
    let found = open.filter_map(|regime| {
        let levels = config.verification.levels.get(&regime.id).cloned().unwrap_or_default();
        let policy = |right: &Right| regime.verification.of_all(&[*right], &levels);
        let mut closed: Vec<(String, VerificationPolicy)> = Vec::new();
        for right in regime.rights.keys() {
            closed.push((right.to_string(), policy(right)));
        }
        // Another address or number for the person takes more than other corrections do.
        if regime.rights.contains_key(&Right::Correction) {
            let levels = regime.verification.levels_of_a_contact(levels.clone());
            let of_contacts = regime.verification.of_all(&[Right::Correction], &levels);
            if of_contacts != policy(&Right::Correction) {
                closed.push((CONTACTS.to_owned(), of_contacts));
            }
        }
        closed.retain(|(_, policy)| !means.meet(policy));
        let high =
            Right::ALL.into_iter().filter(|right| regime.verification.level(*right, &levels) == Level::High);
        (!closed.is_empty()).then(|| means.told(&regime.id, &closed, &high.collect::<Vec<_>>()))
    });
    found.collect()
}

/// What staff can judge here: a call needs a number on file, and a document has to be allowed.
pub(crate) fn judged_by_staff(config: &Config, registry: &Registry) -> BTreeSet<Method> {
    let means = Means { config, registry };
    let policy = VerificationPolicy::default();
    [Method::CallBack, Method::Document].into_iter().filter(|method| means.has(*method, &policy)).collect()
}

/// What this installation has to prove an identity with.
struct Means<'a> {
    config: &'a Config,
    registry: &'a Registry,
}

impl Means<'_> {
    fn meet(&self, policy: &VerificationPolicy) -> bool {
        policy.enough.iter().any(|set| set.iter().all(|method| self.has(*method, policy)))
    }

    fn has(&self, method: Method, policy: &VerificationPolicy) -> bool {
        let section = &self.config.verification;
        match method {
            Method::MailLink | Method::Declaration => true,
            Method::SignIn => section.sign_in.is_some(),
            Method::SmsCode => section.sms.is_some() && self.has_phones(),
            Method::CallBack => self.has_phones(),
            Method::RecentDealings => {
                section.recent_dealings
                    && self.askable(policy) >= usize::try_from(policy.answers).unwrap_or(usize::MAX)
            }
            Method::Document => section.documents,
            Method::GuardianLink | Method::GuardianOnFile | Method::GuardianProof | Method::Mandate => false,
        }
    }

    fn fields(&self) -> impl Iterator<Item = &Field> {
        self.registry
            .own()
            .flat_map(|manifest| &manifest.collections)
            .flat_map(|collection| &collection.fields)
    }

    fn has_phones(&self) -> bool {
        self.fields().any(|field| is_own_phone(self.registry, field))
    }

    /// How many fields may be asked about under a policy.
    fn askable(&self, policy: &VerificationPolicy) -> usize {
        let forbidden = |field: &Field| {
            field.category.as_ref().is_some_and(|category| policy.never_ask.forbids(category))
        };
        self.fields().filter(|field| field.ask.is_some() && !forbidden(field)).count()
    }

    /// `high` are the rights that take high certainty there, and bring it upon the others.
    fn told(&self, regime: &RegimeId, closed: &[(String, VerificationPolicy)], high: &[Right]) -> Unprovable {
        let rights: Vec<&str> = closed.iter().map(|(name, _)| name.as_str()).collect();
        let policy = &VerificationPolicy::strictest(closed.iter().map(|(_, policy)| policy));
        let set = |set: &BTreeSet<Method>| {
            let others = set.iter().filter(|method| **method != Method::MailLink);
            others.map(|method| method.as_str()).collect::<Vec<_>>().join(" and ")
        };
        let sets: Vec<String> = policy.enough.iter().map(set).collect();
        let message = format!(
            "under {regime} nobody can prove who they are for {}: beside the mailed link it takes {}, and none of these can be given here",
            rights.join(" and "),
            sets.join(", or ")
        );
        Unprovable { message, fix: self.fix(regime, high, policy) }
    }

    fn fix(&self, regime: &RegimeId, high: &[Right], policy: &VerificationPolicy) -> String {
        let mut fixes = Vec::new();
        if policy.counts(Method::SignIn) {
            fixes.push("set [verification.sign_in]".to_owned());
        }
        if policy.counts(Method::RecentDealings) && !self.has(Method::RecentDealings, policy) {
            let (marked, wanted) = (self.askable(policy), policy.answers);
            fixes.push(if self.config.verification.recent_dealings {
                format!("mark {wanted} fields or more of the manifests with `ask` ({marked} now)")
            } else {
                "set verification.recent_dealings".to_owned()
            });
        }
        if (policy.counts(Method::CallBack) || policy.counts(Method::SmsCode)) && !self.has_phones() {
            fixes.push(
                "say in a manifest which field holds people's own telephone numbers (own_contact)".to_owned(),
            );
        }
        if policy.counts(Method::SmsCode) && self.config.verification.sms.is_none() {
            fixes.push("set [verification.sms]".to_owned());
        }
        let levels: Vec<String> = high.iter().map(|right| format!("{right} = \"reasonable\"")).collect();
        fixes.push(format!("write {} under [verification.levels.{regime}]", levels.join(" and ")));
        fixes.push("leave the law out of requests.regimes".to_owned());
        fixes.join("; or ")
    }
}
