//! Whether what each law asks for as proof of identity can be given here at all.

use std::collections::BTreeSet;

use habeas_config::Config;
use habeas_domain::{
    RegimeId, Regimes, Right,
    verification::{Method, VerificationPolicy},
};
use habeas_fulfilment::is_own_phone;
use habeas_registry::{Field, Registry};

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
    let taken = &config.requests.regimes;
    let open = regimes.iter().filter(|regime| taken.is_empty() || taken.contains(&regime.id));
    let means = Means { config, registry };
    let found = open.filter_map(|regime| {
        let levels = config.verification.levels.get(&regime.id).cloned().unwrap_or_default();
        let policy = |right: &Right| regime.verification.of_all(&[*right], &levels);
        let closed: Vec<Right> =
            regime.rights.keys().copied().filter(|right| !means.meet(&policy(right))).collect();
        let policies: Vec<VerificationPolicy> = closed.iter().map(policy).collect();
        (!closed.is_empty())
            .then(|| means.told(&regime.id, &closed, &VerificationPolicy::strictest(&policies)))
    });
    found.collect()
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

    fn told(&self, regime: &RegimeId, rights: &[Right], policy: &VerificationPolicy) -> Unprovable {
        let rights: Vec<&str> = rights.iter().map(|right| right.as_str()).collect();
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
        Unprovable { message, fix: self.fix(regime, &rights, policy) }
    }

    fn fix(&self, regime: &RegimeId, rights: &[&str], policy: &VerificationPolicy) -> String {
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
        let levels: Vec<String> = rights.iter().map(|right| format!("{right} = \"reasonable\"")).collect();
        fixes.push(format!("write {} under [verification.levels.{regime}]", levels.join(" and ")));
        fixes.push("leave the law out of requests.regimes".to_owned());
        fixes.join("; or ")
    }
}
