//! What is asked where the mailed link is not enough: of a person whom the stores know, and of one whom they do not.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use habeas_domain::{
    Personal,
    verification::{Method, Typed, VerificationPolicy, VerificationRules},
};
use habeas_test_support::wait;
use habeas_vault::Code;
use habeas_verification::{
    Desk, Shown,
    methods::{Declared, HandedIn, SignInAlgorithm},
};
use jsonwebtoken::{EncodingKey, Header, encode};
use rcgen::KeyPair;
use serde_json::{Value as Json, json};

use crate::{
    bed::{Bed, other_than},
    both_states::on_both_states,
    step::{ALSO_KNOWN, KNOWN, ON_FILE, Step, UNKNOWN, right, wrong},
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
