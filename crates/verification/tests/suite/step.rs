//! A desk that asks for a second step, its stores, its gateway and its sign-in.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{
    Bilingual, EmailAddress, Fault, KeyName, KeyValue, Personal, PhoneNumber, RequestId, Value,
    verification::{AskKind, Expected, Method, Typed, VerificationPolicy, VerificationRules},
};
use habeas_verification::{
    Desk, Shown,
    methods::{
        Declared, GatewayError, HandedIn, Offered, RecentDealings, SignIn, SignInAlgorithm, SignInKeys,
        SignInOptions, SmsCode, SmsGateway, SmsWording, Way,
    },
    on_file::{AskedField, Dealing, Files, OnFile},
};
use rcgen::KeyPair;

use crate::bed::{Bed, options};

pub(crate) const KNOWN: &str = "hanako@example.jp";

/// Another address of the same person.
pub(crate) const ALSO_KNOWN: &str = "hanako.work@example.jp";

/// Somebody else whom the stores know.
pub(crate) const OTHER: &str = "jiro@example.jp";

pub(crate) const UNKNOWN: &str = "nobody@example.jp";

pub(crate) const ON_FILE: &str = "+819000000001";

/// Stores that know one person, and count how often they are asked.
#[derive(Default)]
pub(crate) struct Shop(Arc<AtomicUsize>);

fn field(id: &str, kind: AskKind, category: &str) -> AskedField {
    let question = Bilingual { en: format!("{id}?"), ja: format!("{id}は?") };
    AskedField { id: id.to_owned(), question, kind, category: category.parse().ok() }
}

#[async_trait]
impl Files for Shop {
    fn asked(&self) -> Vec<AskedField> {
        vec![
            field("month", AskKind::Month, "user.orders"),
            field("amount", AskKind::Amount, "user.financial"),
            field("plan", AskKind::Text, "user.plan"),
            field("digits", AskKind::Digits, "user.contact"),
            field("passport", AskKind::Digits, "user.government_id.passport"),
        ]
    }

    async fn of(&self, address: &EmailAddress) -> Result<OnFile, Fault> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(match address.as_str() {
            KNOWN | ALSO_KNOWN => held("C-1", ON_FILE, ("2026-04-09", 4_980, "ライト", 4821)),
            OTHER => held("C-2", "+819000000002", ("2025-11-03", 700, "ヘビー", 1881)),
            _ => OnFile::default(),
        })
    }

    async fn lead(&self, named: &Personal<String>) -> Result<Option<EmailAddress>, Fault> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let address = match named.expose().as_str() {
            KNOWN | ON_FILE | "C-1" => KNOWN,
            OTHER | "C-2" => OTHER,
            _ => return Ok(None),
        };
        Ok(EmailAddress::parse(address).ok())
    }
}

/// What is held about a customer: number, telephone, and the answers.
pub(crate) fn held(
    customer: &str,
    phone: &str,
    (month, amount, plan, digits): (&str, i64, &str, i64),
) -> OnFile {
    let answer = |id: &str, kind, value: Value| {
        Some(Dealing { id: id.to_owned(), expected: Expected::of(kind, &value)? })
    };
    let dealings = [
        answer("month", AskKind::Month, Value::Text(month.to_owned())),
        answer("amount", AskKind::Amount, Value::Int(amount)),
        answer("plan", AskKind::Text, Value::Text(plan.to_owned())),
        answer("digits", AskKind::Digits, Value::Int(digits)),
    ];
    OnFile {
        guardians: Vec::new(),
        phones: PhoneNumber::parse(phone).into_iter().collect(),
        dealings: dealings.into_iter().flatten().collect(),
        keys: KeyName::new("customer_id").ok().zip(KeyValue::new(customer)).into_iter().collect(),
    }
}

/// Takes messages down.
#[derive(Default)]
pub(crate) struct Taken(pub(crate) Mutex<Vec<(String, String)>>);

#[async_trait]
impl SmsGateway for Taken {
    async fn send(&self, to: &PhoneNumber, text: &str) -> Result<(), GatewayError> {
        self.0.lock().unwrap().push((to.as_str().to_owned(), text.to_owned()));
        Ok(())
    }
}

pub(crate) struct Step {
    pub(crate) bed: Bed,
    pub(crate) desk: Desk,
    pub(crate) sent: Arc<Taken>,
    /// How often the stores were asked.
    pub(crate) looks: Arc<AtomicUsize>,
    pub(crate) key: KeyPair,
}

impl Step {
    pub(crate) fn new(bed: Bed) -> Self {
        let key = KeyPair::generate().unwrap();
        let keys = SignInKeys::pem(&key.public_key_pem(), SignInAlgorithm::ES256).unwrap();
        Self::with_keys(bed, keys, key)
    }

    pub(crate) fn with_keys(bed: Bed, keys: SignInKeys, key: KeyPair) -> Self {
        let looks = Arc::default();
        let (sent, files): (Arc<Taken>, Arc<dyn Files>) =
            (Arc::default(), Arc::new(Shop(Arc::clone(&looks))));
        let ledger = || bed.ledger.clone();
        let sign_in = SignInOptions {
            url: "https://shop.example.com/sign-in".to_owned(),
            algorithm: SignInAlgorithm::ES256,
            issuer: "https://shop.example.com".to_owned(),
            audience: "habeas".to_owned(),
            claim: "sub".to_owned(),
            key: KeyName::new("customer_id").unwrap(),
            longest_life: TimeDelta::hours(1),
        };
        let gateway = Arc::clone(&sent) as Arc<dyn SmsGateway>;
        let ways: Vec<Arc<dyn Way>> = vec![
            Arc::new(Declared),
            Arc::new(RecentDealings::new(ledger(), Arc::clone(&files), &options())),
            Arc::new(SmsCode::new(ledger(), Arc::clone(&files), gateway, SmsWording::default(), options())),
            Arc::new(SignIn::new(ledger(), Arc::clone(&files), keys, sign_in)),
        ];
        let desk = Desk::new(ledger(), bed.challenges.clone()).with_ways(ways).looking_up(false);
        Self { bed, desk, sent, looks, key }
    }

    /// A request whose link was pressed, and the link's token.
    pub(crate) async fn confirmed(&self, email: &str) -> Result<(RequestId, String)> {
        self.confirmed_with(email, VerificationRules::default().high, None).await
    }

    pub(crate) async fn confirmed_with(
        &self,
        email: &str,
        policy: VerificationPolicy,
        message: Option<&str>,
    ) -> Result<(RequestId, String)> {
        let policy = VerificationPolicy { never_ask: never(), ..policy };
        let request = self.bed.request_of(email, policy, message).await?;
        let (token, _) = self.bed.mailed().await?;
        self.desk.confirm(&token).await?;
        Ok((request, token))
    }

    pub(crate) async fn questions(&self, token: &str) -> Result<Vec<String>> {
        self.desk.begin(token, Method::RecentDealings).await?;
        self.shown_questions(token).await
    }

    async fn shown_questions(&self, token: &str) -> Result<Vec<String>> {
        match self.desk.offered(token, Method::RecentDealings).await? {
            Some(Offered::Questions(questions)) => Ok(questions.into_iter().map(|one| one.en).collect()),
            other => anyhow::bail!("no questions: {other:?}"),
        }
    }

    pub(crate) async fn answer(&self, token: &str, answers: &dyn Fn(&str) -> &'static str) -> Result<Shown> {
        self.desk.begin(token, Method::RecentDealings).await?;
        self.answer_again(token, answers).await
    }

    /// Answers the questions that were asked already.
    pub(crate) async fn answer_again(
        &self,
        token: &str,
        answers: &dyn Fn(&str) -> &'static str,
    ) -> Result<Shown> {
        let questions = self.shown_questions(token).await?;
        let typed = questions.iter().map(|question| Typed::new(answers(question))).collect();
        Ok(self.desk.show(token, Method::RecentDealings, HandedIn::Answers(typed)).await?)
    }

    /// The nonce that binds a sign-in to the request of this link.
    pub(crate) async fn nonce(&self, token: &str) -> Result<String> {
        let offered = self.desk.offered(token, Method::SignIn).await?;
        let Some(Offered::SignIn(url)) = offered else { anyhow::bail!("no sign-in: {offered:?}") };
        let (_, rest) = url.expose().split_once("nonce=").context("a nonce")?;
        Ok(rest.split('&').next().unwrap_or_default().to_owned())
    }

    pub(crate) async fn state(&self, request: RequestId) -> Result<&'static str> {
        self.bed.state_of(request).await
    }
}

fn never() -> habeas_domain::verification::NeverAsk {
    let categories = ["user.government_id".parse().unwrap()].into();
    habeas_domain::verification::NeverAsk { documents: true, categories }
}

pub(crate) fn right(question: &str) -> &'static str {
    match question {
        "month?" => "令和８年４月",
        "amount?" => "約5,000円",
        "plan?" => "らいと",
        "digits?" => "４８２１",
        _ => "",
    }
}

pub(crate) fn wrong(_: &str) -> &'static str {
    "2025-01"
}
