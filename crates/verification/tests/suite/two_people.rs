//! A second proof is of the person whose data is asked for. Whoever reads somebody's mailbox and is a customer of their own could
//! name their own account, and show what is on file there.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use habeas_domain::{EmailAddress, Fault, Personal, verification::Method};
use habeas_test_support::wait;
use habeas_vault::Code;
use habeas_verification::{
    OnFileAnswer, Shown,
    methods::HandedIn,
    on_file::{AskedField, Files, OnFile},
};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use crate::{
    another::{Asked, named},
    bed::Bed,
    both_states::on_both_states,
    step::{ALSO_KNOWN, KNOWN, OTHER, Shop, Step, right},
};

on_both_states!(
    who_is_known_is_sent_no_code_for_the_account_of_somebody_else,
    what_is_on_file_about_two_people_proves_neither,
    what_was_under_way_for_one_account_proves_nothing_for_the_next,
    two_addresses_of_one_person_are_one_person,
);

/// The stores of before: of the two people they know the other alone.
struct Before;

#[async_trait]
impl Files for Before {
    fn asked(&self) -> Vec<AskedField> {
        Shop::default().asked()
    }

    async fn of(&self, address: &EmailAddress) -> Result<OnFile, Fault> {
        if address.as_str() == OTHER { Shop::default().of(address).await } else { Ok(OnFile::default()) }
    }

    async fn lead(&self, named: &Personal<String>) -> Result<Option<EmailAddress>, Fault> {
        Shop::default().lead(named).await
    }
}

/// What the other one would answer.
fn others(question: &str) -> &'static str {
    match question {
        "month?" => "2025-11",
        "amount?" => "700",
        "plan?" => "ヘビー",
        "digits?" => "1881",
        _ => "",
    }
}

impl Step {
    /// Names something, and types the code that came to the address on file with it.
    async fn proves(&self, token: &str, text: &str, files: Arc<dyn Files>) -> Result<()> {
        self.desk.name_another(token, &named(text)).await?;
        assert!(self.look_up(files, &Arc::default()).await?.is_empty());
        let (_, code) = self.bed.on_file_codes().await?.pop().context("a code")?;
        assert_eq!(self.desk.try_on_file(token, &code).await?, OnFileAnswer::Noted);
        Ok(())
    }

    /// Signs in with an account of the company's.
    async fn signs_in(&self, token: &str, account: &str) -> Result<Shown> {
        let (nonce, now) = (self.nonce(token).await?, self.bed.ledger.ids().now().timestamp());
        let claims = json!({ "iss": "https://shop.example.com", "aud": "habeas", "sub": account, "nonce": nonce, "exp": now + 600 });
        let key = EncodingKey::from_ec_pem(self.key.serialize_pem().as_bytes())?;
        let jwt = encode(&Header::new(habeas_verification::methods::SignInAlgorithm::ES256), &claims, &key)?;
        Ok(self.desk.show(token, Method::SignIn, HandedIn::SignIn(Personal::new(jwt))).await?)
    }

    /// The code that was sent by text message.
    async fn text(&self) -> Result<Code> {
        let sent = || self.sent.0.lock().unwrap().last().cloned();
        wait::until("the message", Duration::from_mins(1), || async { sent().is_some() }).await?;
        let (_, text) = sent().context("a message")?;
        Ok(Code::parse(&text.chars().filter(char::is_ascii_digit).take(8).collect::<String>())?)
    }
}

async fn who_is_known_is_sent_no_code_for_the_account_of_somebody_else(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(KNOWN).await?;
    let asked = Arc::new(Asked::default());
    for text in [OTHER, "C-2"] {
        assert!(step.desk.name_another(&token, &named(text)).await?, "the page is the same");
        assert!(step.look_up(Arc::new(Shop::default()), &asked).await?.is_empty());
    }
    assert!(step.bed.on_file_codes().await?.is_empty(), "no code adds one person to the other");
    let seen = asked.seen.lock().unwrap().clone();
    assert_eq!(seen, vec![(request, OTHER.to_owned()); 2], "they are asked whether they want the same");
    Ok(())
}

async fn what_is_on_file_about_two_people_proves_neither(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(KNOWN).await?;
    step.proves(&token, OTHER, Arc::new(Before)).await?;
    assert_eq!(step.answer(&token, &others).await?, Shown::Not);
    assert_eq!(step.answer_again(&token, &right).await?, Shown::Not);
    for account in ["C-1", "C-2"] {
        assert_eq!(step.signs_in(&token, account).await?, Shown::Not, "{account}");
    }
    assert!(step.desk.begin(&token, Method::SmsCode).await?, "the same for everybody");
    assert_eq!(step.bed.count("challenge WHERE purpose = 'phone'").await?, 0, "and no code is sent");
    assert_eq!(step.state(request).await?, "awaiting-verification");
    Ok(())
}

async fn what_was_under_way_for_one_account_proves_nothing_for_the_next(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(KNOWN).await?;
    step.desk.begin(&token, Method::SmsCode).await?;
    let code = step.text().await?;
    step.proves(&token, OTHER, Arc::new(Before)).await?;
    assert_eq!(step.desk.show(&token, Method::SmsCode, HandedIn::Code(code)).await?, Shown::Not);
    assert_eq!(step.state(request).await?, "awaiting-verification");
    Ok(())
}

async fn two_addresses_of_one_person_are_one_person(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(ALSO_KNOWN).await?;
    step.proves(&token, KNOWN, Arc::new(Shop::default())).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven);
    assert_eq!(step.state(request).await?, "resolving");
    Ok(())
}
