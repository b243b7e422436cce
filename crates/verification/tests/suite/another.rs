//! Somebody whom nothing on file fits names something else that they are known by.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{Personal, verification::Method};
use habeas_verification::{OnFileAnswer, Shown};

use crate::{
    bed::{Bed, other_than},
    both_states::on_both_states,
    second_step::{KNOWN, ON_FILE, Step, UNKNOWN, right},
};

on_both_states!(
    what_leads_somewhere_and_what_does_not_look_the_same,
    the_code_of_an_address_on_file_opens_what_is_held_under_it,
    a_code_from_another_mailbox_than_that_on_file_proves_nothing,
    an_address_on_file_is_not_flooded_by_others,
    nothing_can_be_named_before_the_mail_is_confirmed,
);

/// The codes that were mailed to addresses on file.
const CODES: &str = "mail WHERE kind = 'on-file-code'";

fn named(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}

async fn what_leads_somewhere_and_what_does_not_look_the_same(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let mut seen = Vec::new();
    for (email, known_by) in [(UNKNOWN, "C-1"), ("else@example.jp", "C-9"), ("third@example.jp", " ")] {
        let (_, token) = step.confirmed(email).await?;
        let offered = step.desk.second_step(&token).await?.context("a second step")?.another;
        let begun = step.desk.name_another(&token, &named(known_by)).await?;
        let wrong = step.desk.try_on_file(&token, "00000000").await?;
        seen.push((offered, begun, wrong));
    }
    assert_eq!(seen, [(true, true, OnFileAnswer::Not); 3]);
    assert_eq!(step.bed.count(CODES).await?, 1, "to the one that is known, at the address on file");
    Ok(())
}

async fn the_code_of_an_address_on_file_opens_what_is_held_under_it(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(UNKNOWN).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Not, "nothing is held under the request's address");
    assert!(step.desk.name_another(&token, &named(ON_FILE)).await?);
    let (to, code) = step.bed.on_file_codes().await?.pop().context("a code")?;
    assert_eq!(to, KNOWN);
    assert_eq!(step.desk.try_on_file(&token, &other_than(&code)).await?, OnFileAnswer::Not);
    assert_eq!(step.desk.try_on_file(&token, &code).await?, OnFileAnswer::Noted);
    assert_eq!(step.desk.try_on_file(&token, &code).await?, OnFileAnswer::Not, "once");
    // It opens no gate by itself.
    assert_eq!(step.state(request).await?, "awaiting-verification");
    let open = step.bed.ledger.open_request(request).await?;
    assert_eq!(open.also_proven.len(), 1);
    assert_eq!(open.address(), UNKNOWN, "answers go where they went");
    assert!(step.desk.begin(&token, Method::SmsCode).await?);
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven);
    assert!(!step.desk.name_another(&token, &named("C-1")).await?, "the step is over");
    assert_eq!(step.desk.try_on_file(&token, &code).await?, OnFileAnswer::NotOpen);
    Ok(())
}

async fn a_code_from_another_mailbox_than_that_on_file_proves_nothing(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (_, token) = step.confirmed(UNKNOWN).await?;
    let (other, others) = step.confirmed("mallory@example.com").await?;
    step.desk.name_another(&token, &named(KNOWN)).await?;
    let (_, code) = step.bed.on_file_codes().await?.pop().context("a code")?;
    assert_eq!(step.desk.try_on_file(&others, &code).await?, OnFileAnswer::Not, "another request's code");
    assert!(step.bed.ledger.open_request(other).await?.also_proven.is_empty());
    step.bed.advance(TimeDelta::minutes(11));
    assert_eq!(step.desk.try_on_file(&token, &code).await?, OnFileAnswer::Not, "too old");
    Ok(())
}

async fn an_address_on_file_is_not_flooded_by_others(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    for n in 0..5 {
        let (_, token) = step.confirmed(&format!("mallory+{n}@example.com")).await?;
        assert!(step.desk.name_another(&token, &named("C-1")).await?);
    }
    assert_eq!(step.bed.count(CODES).await?, 3, "three a day, whoever names it");
    let (_, token) = step.confirmed("ann@example.com").await?;
    for _ in 0..4 {
        assert!(step.desk.name_another(&token, &named("C-9")).await?, "how often is told to nobody, either");
    }
    Ok(())
}

async fn nothing_can_be_named_before_the_mail_is_confirmed(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let policy = habeas_domain::verification::VerificationRules::default().high;
    step.bed.request_of(UNKNOWN, policy, None).await?;
    let (token, _) = step.bed.mailed().await?;
    assert!(!step.desk.name_another(&token, &named("C-1")).await?);
    assert!(!step.desk.name_another("nonsense", &named("C-1")).await?);
    assert_eq!(step.desk.try_on_file(&token, "12345678").await?, OnFileAnswer::NotOpen);
    assert!(step.bed.on_file_codes().await?.is_empty());
    Ok(())
}
