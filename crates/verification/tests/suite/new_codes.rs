use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::{RequestId, TypedId};
use habeas_verification::{CodeAnswer, Desk, VerificationOptions, Whose};
use uuid::Uuid;

use crate::{
    bed::{Bed, options, other_than},
    both_states::on_both_states,
};

on_both_states!(
    a_new_code_makes_the_older_one_void,
    a_new_code_brings_new_tries,
    the_fourth_code_of_the_day_is_not_sent,
    many_askings_at_once_stay_within_the_day,
    nobody_hears_whether_a_request_exists,
    a_proven_request_is_sent_no_more_codes,
    an_answer_about_a_code_keeps_its_pace,
);

async fn a_new_code_makes_the_older_one_void(bed: Bed) -> Result<()> {
    let (request, token, first) = bed.challenged(1).await?;
    bed.advance(TimeDelta::seconds(1));
    bed.desk.send_new_code(Whose::Link(&token)).await?;
    let (_, second) = bed.verify_mails().await?.remove(0);
    assert_eq!(bed.desk.try_code(Whose::Request(request), &first).await?, CodeAnswer::Refused);
    assert!(matches!(bed.desk.try_code(Whose::Request(request), &second).await?, CodeAnswer::Confirmed(_)));
    Ok(())
}

async fn a_new_code_brings_new_tries(bed: Bed) -> Result<()> {
    let (request, _, code) = bed.challenged(1).await?;
    for _ in 0..6 {
        bed.desk.try_code(Whose::Request(request), &other_than(&code)).await?;
    }
    bed.advance(TimeDelta::seconds(1));
    bed.desk.send_new_code(Whose::Request(request)).await?;
    let (_, second) = bed.verify_mails().await?.remove(0);
    assert!(matches!(bed.desk.try_code(Whose::Request(request), &second).await?, CodeAnswer::Confirmed(_)));
    Ok(())
}

async fn the_fourth_code_of_the_day_is_not_sent(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    for _ in 0..2 {
        bed.advance(TimeDelta::minutes(1));
        bed.desk.send_new_code(Whose::Request(request)).await?;
    }
    let (_, third) = bed.verify_mails().await?.remove(1);
    bed.desk.send_new_code(Whose::Request(request)).await?;
    assert!(bed.verify_mails().await?.is_empty(), "the fourth");
    assert_eq!(bed.count("challenge").await?, 3);
    assert!(matches!(bed.desk.try_code(Whose::Request(request), &third).await?, CodeAnswer::Confirmed(_)));
    let (request, ..) = bed.challenged(2).await?;
    for _ in 0..5 {
        bed.desk.send_new_code(Whose::Request(request)).await?;
    }
    assert_eq!(bed.verify_mails().await?.len(), 2);
    bed.advance(TimeDelta::hours(24));
    bed.desk.send_new_code(Whose::Request(request)).await?;
    assert_eq!(bed.verify_mails().await?.len(), 1, "another day");
    Ok(())
}

async fn many_askings_at_once_stay_within_the_day(bed: Bed) -> Result<()> {
    let (request, ..) = bed.challenged(1).await?;
    let askings = (0..20).map(|_| bed.desk.send_new_code(Whose::Request(request)));
    for answer in futures::future::join_all(askings).await {
        answer?;
    }
    assert_eq!(bed.count("challenge").await?, 3);
    assert_eq!(bed.verify_mails().await?.len(), 2);
    Ok(())
}

async fn nobody_hears_whether_a_request_exists(bed: Bed) -> Result<()> {
    let unheard = "A".repeat(43);
    bed.desk.send_new_code(Whose::Request(RequestId::from_uuid(Uuid::from_u128(7)))).await?;
    bed.desk.send_new_code(Whose::Link(&unheard)).await?;
    bed.desk.send_new_code(Whose::Link("x")).await?;
    bed.desk.send_download_code(&unheard).await?;
    bed.desk.send_download_code("x").await?;
    for table in ["challenge", "mail", "work", "outbox", "audit"] {
        assert_eq!(bed.count(table).await?, 0, "{table}");
    }
    Ok(())
}

async fn a_proven_request_is_sent_no_more_codes(bed: Bed) -> Result<()> {
    let (request, token, _) = bed.challenged(1).await?;
    bed.desk.confirm(&token).await?;
    bed.desk.send_new_code(Whose::Request(request)).await?;
    bed.desk.send_new_code(Whose::Link(&token)).await?;
    assert!(bed.verify_mails().await?.is_empty());
    Ok(())
}

async fn an_answer_about_a_code_keeps_its_pace(bed: Bed) -> Result<()> {
    let pace = Duration::from_millis(150);
    let paced = VerificationOptions { answer_after: pace, ..options() };
    let desk = Desk::new(bed.ledger.clone(), Bed::challenges_with(&bed.ledger, paced));
    let (known, ..) = bed.challenged(1).await?;
    for request in [known, RequestId::from_uuid(Uuid::from_u128(7))] {
        let started = Instant::now();
        desk.try_code(Whose::Request(request), "01234567").await?;
        assert!(started.elapsed() >= pace);
        let started = Instant::now();
        desk.send_new_code(Whose::Request(request)).await?;
        assert!(started.elapsed() >= pace);
    }
    Ok(())
}
