//! What is asked where the mailed link is not enough: of a person whom the stores know, and of one whom they do not.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{
    Bilingual, EmailAddress, Fault, KeyName, KeyValue, Personal, PhoneNumber, RequestId, Value,
    verification::{AskKind, Expected, Method, Typed, VerificationPolicy, VerificationRules},
};
use habeas_test_support::wait;
use habeas_vault::Code;
use habeas_verification::{
    Desk, Shown,
    methods::{
        Declared, GatewayError, HandedIn, Offered, RecentDealings, SignIn, SignInAlgorithm, SignInKeys,
        SignInOptions, SmsCode, SmsGateway, SmsWording, Way,
    },
    on_file::{AskedField, Dealing, Files, OnFile},
};
use jsonwebtoken::{EncodingKey, Header, encode};
use rcgen::KeyPair;
use serde_json::{Value as Json, json};

use crate::{
    bed::{Bed, options, other_than},
    both_states::on_both_states,
};

on_both_states!(
    a_person_who_is_known_and_one_who_is_not_see_the_same,
    a_telephone_gets_three_codes_a_day_under_whatever_its_holder_is_known_by,
    a_code_goes_to_the_number_on_file_and_to_no_other,
    the_companys_own_sign_in_binds_the_request_to_an_account_on_file,
    nothing_is_open_before_the_mail_is_confirmed,
    a_law_that_wants_a_declaration_gets_it_beside_the_answers,
    what_leads_to_no_end_is_not_offered,
);

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

async fn a_person_who_is_known_and_one_who_is_not_see_the_same(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (_, known) = step.confirmed(KNOWN).await?;
    let (_, unknown) = step.confirmed(UNKNOWN).await?;
    let mut seen = Vec::new();
    for token in [&known, &unknown] {
        let shown = step.desk.second_step(token).await?.context("a second step")?;
        let mut begun = Vec::new();
        for method in &shown.methods {
            begun.push(step.desk.begin(token, *method).await?);
        }
        let questions = step.questions(token).await?.len();
        let code = Code::parse("12345678")?;
        let code = step.desk.show(token, Method::SmsCode, HandedIn::Code(code)).await?;
        let answered = step.answer(token, &wrong).await?;
        let signed = HandedIn::SignIn(Personal::new("a.b.c".to_owned()));
        let signed = step.desk.show(token, Method::SignIn, signed).await?;
        seen.push((shown.methods, shown.call_back, begun, questions, code, answered, signed));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].0, [Method::SignIn, Method::SmsCode, Method::RecentDealings]);
    assert_eq!((seen[0].3, seen[0].5), (4, Shown::Not));
    Ok(())
}

async fn a_telephone_gets_three_codes_a_day_under_whatever_its_holder_is_known_by(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    for email in [KNOWN, ALSO_KNOWN, KNOWN, ALSO_KNOWN, UNKNOWN] {
        let (_, token) = step.confirmed(email).await?;
        assert!(step.desk.begin(&token, Method::SmsCode).await?, "the same for everybody");
    }
    assert_eq!(step.bed.count("challenge WHERE purpose = 'phone'").await?, 3);
    Ok(())
}

async fn a_code_goes_to_the_number_on_file_and_to_no_other(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (_, unknown) = step.confirmed(UNKNOWN).await?;
    let (request, known) = step.confirmed(KNOWN).await?;
    for token in [&unknown, &known] {
        assert!(step.desk.begin(token, Method::SmsCode).await?);
    }
    let sent = || step.sent.0.lock().unwrap().clone();
    wait::until("the message", Duration::from_mins(1), || async { !sent().is_empty() }).await?;
    let sent = sent();
    assert_eq!(sent.len(), 1, "the person whom nobody knows gets none");
    assert_eq!(sent[0].0, ON_FILE, "not the number that the request names");
    let code: String = sent[0].1.chars().filter(char::is_ascii_digit).take(8).collect();
    let typed = |code: &str| HandedIn::Code(Code::parse(code).unwrap());
    assert_eq!(step.desk.show(&unknown, Method::SmsCode, typed(&code)).await?, Shown::Not);
    assert_eq!(step.desk.show(&known, Method::SmsCode, typed(&other_than(&code))).await?, Shown::Not);
    assert_eq!(step.desk.show(&known, Method::SmsCode, typed(&code)).await?, Shown::Proven);
    assert_eq!(step.state(request).await?, "resolving");
    assert_eq!(step.desk.show(&known, Method::SmsCode, typed(&code)).await?, Shown::NotOpen);
    Ok(())
}

async fn the_companys_own_sign_in_binds_the_request_to_an_account_on_file(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(KNOWN).await?;
    let (_, other) = step.confirmed(UNKNOWN).await?;
    let (own, others) = (step.nonce(&token).await?, step.nonce(&other).await?);
    assert_ne!(own, others);
    let now = step.bed.ledger.ids().now().timestamp();
    let good = json!({ "iss": "https://shop.example.com", "aud": "habeas", "sub": "C-1", "nonce": own, "exp": now + 600 });
    let with = |claim: &str, value: Json| {
        let mut claims = good.clone();
        claims[claim] = value;
        claims
    };
    let other_key = KeyPair::generate()?;
    let signed = |claims: &Json, key: &KeyPair| {
        let key = EncodingKey::from_ec_pem(key.serialize_pem().as_bytes()).unwrap();
        encode(&Header::new(SignInAlgorithm::ES256), claims, &key).unwrap()
    };
    let shared = encode(
        &Header::new(SignInAlgorithm::HS256),
        &good,
        &EncodingKey::from_secret(step.key.public_key_pem().as_bytes()),
    )?;
    // A good signature, over other bytes.
    let part = |jwt: &str, place: usize| jwt.split('.').nth(place).unwrap().to_owned();
    let (one, another) = (signed(&good, &step.key), signed(&with("sub", json!("C-2")), &step.key));
    let mixed = format!("{}.{}.{}", part(&one, 0), part(&one, 1), part(&another, 2));
    let mut bad = vec![shared, signed(&good, &other_key), mixed, "x".repeat(9_000), String::new()];
    for (claim, value) in [
        ("iss", json!("https://evil.example.com")),
        ("aud", json!("another")),
        ("sub", json!("C-2")),
        ("sub", json!({ "id": "C-1" })),
        ("nonce", json!(others)),
        ("nonce", Json::Null),
        ("exp", json!(now - 600)),
        ("exp", json!(now + 86_400)),
        ("nbf", json!(now + 600)),
    ] {
        bad.push(signed(&with(claim, value), &step.key));
    }
    let hand_in = async |token: &str, jwt: String| {
        step.desk.show(token, Method::SignIn, HandedIn::SignIn(Personal::new(jwt))).await
    };
    for jwt in bad {
        assert_eq!(hand_in(&token, jwt).await?, Shown::Not);
    }
    let strangers = signed(&with("nonce", json!(others)), &step.key);
    assert_eq!(hand_in(&other, strangers).await?, Shown::Not, "an account that is not theirs");
    assert_eq!(hand_in(&token, signed(&good, &step.key)).await?, Shown::Proven);
    assert_eq!(step.state(request).await?, "resolving");
    let (_, later) = step.confirmed(KNOWN).await?;
    step.nonce(&later).await?;
    assert_eq!(hand_in(&later, signed(&good, &step.key)).await?, Shown::Not, "a token of another request");
    Ok(())
}

async fn nothing_is_open_before_the_mail_is_confirmed(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    step.bed.request_of(KNOWN, VerificationRules::default().high, None).await?;
    let (token, _) = step.bed.mailed().await?;
    assert_eq!(step.desk.second_step(&token).await?, None);
    assert!(!step.desk.begin(&token, Method::SmsCode).await?);
    let answers = HandedIn::Answers(vec![Typed::new("2026-04")]);
    assert_eq!(step.desk.show(&token, Method::RecentDealings, answers).await?, Shown::NotOpen);
    assert_eq!(step.desk.second_step("nonsense").await?, None);
    assert!(step.sent.0.lock().unwrap().is_empty());
    Ok(())
}

async fn a_law_that_wants_a_declaration_gets_it_beside_the_answers(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let regimes = habeas_domain::Regimes::builtin()?;
    let california = regimes.get(&"us_ca".parse()?).context("California")?.verification.high.clone();
    let (request, token) = step.confirmed_with(KNOWN, california, None).await?;
    let declare = || step.desk.show(&token, Method::Declaration, HandedIn::Declared);
    assert_eq!(declare().await?, Shown::Counts, "it proves nothing by itself");
    assert_eq!(step.state(request).await?, "awaiting-verification");
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven);
    assert_eq!(step.state(request).await?, "resolving");
    Ok(())
}

async fn what_leads_to_no_end_is_not_offered(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let enough = vec![BTreeSet::from([Method::MailLink, Method::CallBack, Method::Declaration])];
    let policy = VerificationPolicy { enough, ..VerificationRules::default().high };
    let (_, token) = step.confirmed_with(KNOWN, policy, None).await?;
    let bare =
        Desk::new(step.bed.ledger.clone(), step.bed.challenges.clone()).with_ways(vec![Arc::new(Declared)]);
    let by_call = bare.clone().with_staff_judging(BTreeSet::from([Method::CallBack]));
    let shown = by_call.second_step(&token).await?.context("a second step")?;
    assert_eq!((shown.methods, shown.call_back), (vec![Method::Declaration], true));
    let shown = bare.with_staff_judging(BTreeSet::new()).second_step(&token).await?;
    let shown = shown.context("a second step")?;
    assert_eq!((shown.methods, shown.call_back), (Vec::new(), false), "a declaration alone proves nothing");
    assert_eq!(shown.received_at, step.bed.ledger.ids().now());
    Ok(())
}
