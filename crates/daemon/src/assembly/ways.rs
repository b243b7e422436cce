//! The ways to show more than that an address is one's own.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_config::{Config, SignIn as SignInSection, SignInAlgorithm, Sms};
use habeas_domain::{Clock, EmailAddress, Fault, KeyName, Language, Personal};
use habeas_fulfilment::{FileRoom, Stores};
use habeas_ledger::Ledger;
use habeas_registry::Registry;
use habeas_verification::{
    PaperOptions, VerificationOptions,
    methods::{
        Declared, HttpGateway, RecentDealings, SignIn, SignInAlgorithm as Algorithm, SignInKeys,
        SignInOptions, SmsCode, SmsWording, Way,
    },
    on_file::{AskedField, Dealing, Files, OnFile},
};

use super::{agent_terms, controller_name};
use crate::failure::{Exit, Failure};

/// What the stores hold, as verification asks for it.
struct StoreFiles {
    ledger: Ledger,
    room: FileRoom,
    /// For how long a number or an address that a correction wrote proves nobody.
    changed: TimeDelta,
}

/// What the registered stores hold about people.
pub(crate) fn files(
    config: &Config,
    ledger: &Ledger,
    (registry, stores): (Arc<Registry>, Stores),
) -> Arc<dyn Files> {
    let changed = TimeDelta::days(config.verification.changed_contact_days.into());
    Arc::new(StoreFiles { ledger: ledger.clone(), room: FileRoom::new(registry, stores), changed })
}

impl StoreFiles {
    /// The room, unless a store is closed. A store that is being restored may hold numbers that went to others since, and
    /// people who were erased: nobody is looked up in any until it is open, whoever they are, so that the answer tells nothing.
    async fn open(&self) -> Result<&FileRoom, Fault> {
        match self.ledger.count_closed_stores().await? {
            0 => Ok(&self.room),
            _ => Err(Fault::temporary(
                "store-closed",
                "a store is closed, and nobody is looked up until it is reopened; see `habeas store closed`, and try again then",
            )),
        }
    }
}

#[async_trait]
impl Files for StoreFiles {
    fn asked(&self) -> Vec<AskedField> {
        let fields = self.room.askable().into_iter();
        fields
            .map(|field| AskedField {
                id: field.id,
                question: field.question,
                kind: field.kind,
                category: field.category,
            })
            .collect()
    }

    async fn of(&self, address: &EmailAddress) -> Result<OnFile, Fault> {
        let held = self.open().await?.of(address).await?;
        let contacts = held.phones.iter().map(|phone| phone.as_str().to_owned());
        let contacts = contacts.chain(held.guardians.iter().map(|one| one.as_str().to_owned()));
        let contacts: Vec<_> = contacts.map(Personal::new).collect();
        let since = self.ledger.ids().now() - self.changed;
        let changed = self.ledger.contacts_changed_since(&contacts, since).await?;
        let stands = |one: &str| !changed.iter().any(|changed| changed.expose() == one);
        let dealings = held.answers.into_iter().map(|(id, expected)| Dealing { id, expected });
        Ok(OnFile {
            phones: held.phones.into_iter().filter(|one| stands(one.as_str())).collect(),
            guardians: held.guardians.into_iter().filter(|one| stands(one.as_str())).collect(),
            dealings: dealings.collect(),
            keys: held.keys,
        })
    }

    async fn lead(&self, named: &Personal<String>) -> Result<Option<EmailAddress>, Fault> {
        Ok(self.open().await?.lead(named.expose()).await?)
    }
}

/// How often and how long proofs may be tried.
pub(crate) fn verification_options(config: &Config) -> VerificationOptions {
    let section = &config.verification;
    VerificationOptions {
        phone_codes_a_day: section.sms_a_day.get().into(),
        code_tries_a_day: section.code_tries_a_day.get().into(),
        answers_a_day: section.answers_a_day.get().into(),
        disclosed_for: Duration::from_hours(24) * section.disclosed_days,
        wrong_answers_a_month: section.wrong_answers_a_month.get().into(),
        agent_pace: agent_terms(config).pace.to_std().unwrap_or_default(),
        ..VerificationOptions::default()
    }
}

/// How papers are asked for and kept.
pub(crate) fn paper_options(config: &Config) -> PaperOptions {
    PaperOptions { documents: config.verification.documents, ..PaperOptions::default() }
}

/// The ways that the configuration opens.
pub(crate) fn ways(
    config: &Config,
    ledger: &Ledger,
    files: &Arc<dyn Files>,
) -> Result<Vec<Arc<dyn Way>>, Failure> {
    let section = &config.verification;
    let options = verification_options(config);
    let mut ways: Vec<Arc<dyn Way>> = vec![Arc::new(Declared)];
    if section.recent_dealings {
        ways.push(Arc::new(RecentDealings::new(ledger.clone(), Arc::clone(files), &options)));
    }
    if let Some(sms) = &section.sms {
        let company = |language| controller_name(config).map(|name| name.get(language).to_owned());
        let wording = SmsWording {
            en: company(Language::En).unwrap_or_default(),
            ja: company(Language::Ja).unwrap_or_default(),
        };
        let gateway = Arc::new(gateway(sms)?);
        ways.push(Arc::new(SmsCode::new(ledger.clone(), Arc::clone(files), gateway, wording, options)));
    }
    if let Some(sign_in) = &section.sign_in {
        let (keys, options) = trust(sign_in, Arc::clone(ledger.ids().clock()))?;
        ways.push(Arc::new(SignIn::new(ledger.clone(), Arc::clone(files), keys, options)));
    }
    Ok(ways)
}

/// Whether the settings of every way can be used. Connects to nothing.
pub(super) fn check(config: &Config, clock: &Arc<dyn Clock>) -> Result<(), Failure> {
    config.verification.sms.as_ref().map(gateway).transpose()?;
    let sign_in = config.verification.sign_in.as_ref();
    sign_in.map(|section| trust(section, Arc::clone(clock))).transpose()?;
    Ok(())
}

fn wrong(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(Exit::Config, "verification", error.to_string())
}

fn gateway(section: &Sms) -> Result<HttpGateway, Failure> {
    let token = section.token.as_ref().map(|token| Personal::new(token.expose().to_owned()));
    let limit = Duration::from_secs(section.timeout_seconds.get().into());
    HttpGateway::new(section.url.expose(), token, limit).map_err(|error| wrong(&error))
}

fn trust(section: &SignInSection, clock: Arc<dyn Clock>) -> Result<(SignInKeys, SignInOptions), Failure> {
    let algorithm = match section.algorithm {
        SignInAlgorithm::Es256 => Algorithm::ES256,
        SignInAlgorithm::Rs256 => Algorithm::RS256,
        SignInAlgorithm::EdDsa => Algorithm::EdDSA,
    };
    let keys = match (&section.public_key, &section.jwks_url) {
        (Some(file), _) => {
            let pem = std::fs::read_to_string(file).map_err(|error| {
                let message = format!("cannot read {}: {error}", file.display());
                Failure::new(Exit::Config, "verification", message)
                    .fix("correct verification.sign_in.public_key")
            })?;
            SignInKeys::pem(&pem, algorithm)
        }
        (None, url) => SignInKeys::fetched(url.as_deref().unwrap_or_default(), Duration::from_secs(5), clock),
    };
    let options = SignInOptions {
        url: section.url.clone(),
        algorithm,
        issuer: section.issuer.clone(),
        audience: section.audience.clone(),
        claim: section.claim.clone(),
        key: KeyName::new(section.key.clone()).map_err(|error| wrong(&error))?,
        longest_life: TimeDelta::hours(1),
    };
    Ok((keys.map_err(|error| wrong(&error))?, options))
}
