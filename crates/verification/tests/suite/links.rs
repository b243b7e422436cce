use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{EmailAddress, Language, Letter, Right};
use habeas_ledger::Purpose;
use habeas_verification::{Confirmation, LinkState};

use crate::{
    bed::{BASE, Bed},
    both_states::on_both_states,
    mails::token_in,
};

on_both_states!(
    a_link_shows_what_was_asked_and_confirms_it_once,
    a_used_link_says_so_until_it_ends,
    looking_fifty_times_changes_nothing,
    twenty_presses_at_once_confirm_once,
    many_people_press_at_the_same_time,
    a_link_ends_after_a_day,
    what_is_no_link_is_not_valid,
    every_link_of_a_proven_request_counts_as_used,
    a_lapsed_request_has_nothing_left_to_confirm,
    a_new_address_is_confirmed_by_its_own_link,
);

fn used(at: DateTime<Utc>) -> LinkState {
    LinkState::Used { purpose: Purpose::Identity, at }
}

fn open() -> LinkState {
    LinkState::Open {
        language: Language::Ja,
        rights: vec![Right::Access, Right::Deletion],
        purpose: Purpose::Identity,
    }
}

async fn a_link_shows_what_was_asked_and_confirms_it_once(bed: Bed) -> Result<()> {
    let (request, token, _) = bed.challenged(1).await?;
    assert_eq!(bed.desk.look(&token).await?, open());
    assert!(matches!(bed.desk.confirm(&token).await?, Confirmation::Confirmed(_)));
    assert_eq!(bed.state_of(request).await?, "resolving");
    let at = bed.ledger.ids().now();
    bed.advance(TimeDelta::hours(3));
    assert_eq!(bed.desk.look(&token).await?, used(at));
    assert_eq!(bed.desk.confirm(&token).await?, Confirmation::AlreadyUsed(Purpose::Identity, at));
    assert_eq!(bed.count("work WHERE kind = 'resolve'").await?, 1);
    assert_eq!(bed.count("audit WHERE event = 'identity-proven'").await?, 1);
    Ok(())
}

/// Whatever became of the request: how far it is tells whether anything was found.
async fn a_used_link_says_so_until_it_ends(bed: Bed) -> Result<()> {
    let (request, token, _) = bed.challenged(1).await?;
    bed.desk.confirm(&token).await?;
    let at = bed.ledger.ids().now();
    bed.ledger.withdraw(request, habeas_domain::Actor::Subject).await?;
    assert_eq!(bed.state_of(request).await?, "closed");
    bed.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(bed.desk.look(&token).await?, used(at));
    assert_eq!(bed.desk.confirm(&token).await?, Confirmation::AlreadyUsed(Purpose::Identity, at));
    bed.advance(TimeDelta::seconds(1));
    assert_eq!(bed.desk.look(&token).await?, LinkState::NotValid);
    assert_eq!(bed.desk.confirm(&token).await?, Confirmation::NotValid);
    Ok(())
}

async fn looking_fifty_times_changes_nothing(bed: Bed) -> Result<()> {
    const TABLES: [&str; 7] = ["challenge", "audit", "work", "mail", "outbox", "request", "job"];
    let (request, token, _) = bed.challenged(1).await?;
    let mut before = Vec::new();
    for table in TABLES {
        before.push(bed.count(table).await?);
    }
    for _ in 0..50 {
        assert_eq!(bed.desk.look(&token).await?, open());
    }
    for (table, before) in TABLES.into_iter().zip(before) {
        assert_eq!(bed.count(table).await?, before, "{table}");
    }
    assert_eq!(bed.count("challenge WHERE used_at IS NULL AND tries_left = 5").await?, 1);
    assert_eq!(bed.state_of(request).await?, "awaiting-verification");
    assert!(matches!(bed.desk.confirm(&token).await?, Confirmation::Confirmed(_)));
    Ok(())
}

async fn twenty_presses_at_once_confirm_once(bed: Bed) -> Result<()> {
    let (_, token, _) = bed.challenged(1).await?;
    let presses = (0..20).map(|_| bed.desk.confirm(&token));
    let answers = futures::future::join_all(presses).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Confirmation::Confirmed(_))).count(), 1);
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Confirmation::AlreadyUsed(..))).count(), 19);
    assert_eq!(bed.count("work WHERE kind = 'resolve'").await?, 1);
    assert_eq!(bed.count("audit WHERE event = 'identity-proven'").await?, 1);
    Ok(())
}

async fn many_people_press_at_the_same_time(bed: Bed) -> Result<()> {
    let mut tokens = Vec::new();
    for n in 0..12 {
        tokens.push(bed.challenged(n).await?.1);
    }
    tokens.push("A".repeat(43));
    let answers = futures::future::join_all(tokens.iter().map(|token| bed.desk.confirm(token))).await;
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(matches!(answer?, Confirmation::Confirmed(_)), n < 12, "person {n}");
    }
    assert_eq!(bed.count("work WHERE kind = 'resolve'").await?, 12);
    Ok(())
}

async fn a_link_ends_after_a_day(bed: Bed) -> Result<()> {
    let (request, token, _) = bed.challenged(1).await?;
    bed.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(bed.desk.look(&token).await?, open());
    bed.advance(TimeDelta::seconds(1));
    assert_eq!(bed.desk.look(&token).await?, LinkState::NotValid);
    assert_eq!(bed.desk.confirm(&token).await?, Confirmation::NotValid);
    assert_eq!(bed.state_of(request).await?, "awaiting-verification");
    Ok(())
}

async fn what_is_no_link_is_not_valid(bed: Bed) -> Result<()> {
    let (_, token, code) = bed.challenged(1).await?;
    let unknown = "A".repeat(43);
    let longer = format!("{token}A");
    for text in ["", "../", "' OR 1=1 --", "\0", &unknown, &longer, &token[1..], &token.to_uppercase(), &code]
    {
        assert_eq!(bed.desk.look(text).await?, LinkState::NotValid, "{text:?}");
        assert_eq!(bed.desk.confirm(text).await?, Confirmation::NotValid, "{text:?}");
    }
    assert_eq!(bed.desk.look(&token).await?, open());
    Ok(())
}

async fn every_link_of_a_proven_request_counts_as_used(bed: Bed) -> Result<()> {
    let (request, first, _) = bed.challenged(1).await?;
    bed.desk.send_new_code(habeas_verification::Whose::Request(request)).await?;
    let (second, _) = bed.verify_mails().await?.remove(0);
    assert_eq!(bed.desk.look(&first).await?, open(), "a new code ends no link");
    assert!(matches!(bed.desk.confirm(&second).await?, Confirmation::Confirmed(_)));
    let at = bed.ledger.ids().now();
    assert_eq!(bed.desk.look(&first).await?, used(at));
    assert_eq!(bed.desk.confirm(&first).await?, Confirmation::AlreadyUsed(Purpose::Identity, at));
    assert_eq!(bed.count("work WHERE kind = 'resolve'").await?, 1);
    Ok(())
}

async fn a_lapsed_request_has_nothing_left_to_confirm(bed: Bed) -> Result<()> {
    let (request, _, _) = bed.challenged(1).await?;
    bed.advance(TimeDelta::days(30) - TimeDelta::hours(1));
    bed.desk.send_new_code(habeas_verification::Whose::Request(request)).await?;
    let (token, code) = bed.verify_mails().await?.remove(0);
    bed.advance(TimeDelta::hours(1));
    assert_eq!(bed.ledger.lapse_unverified(10).await?, 1);
    assert_eq!(bed.desk.look(&token).await?, LinkState::NotValid);
    assert_eq!(bed.desk.confirm(&token).await?, Confirmation::NotValid);
    let whose = habeas_verification::Whose::Request(request);
    assert_eq!(bed.desk.try_code(whose, &code).await?, habeas_verification::CodeAnswer::Refused);
    assert_eq!(bed.state_of(request).await?, "closed");
    Ok(())
}

async fn a_new_address_is_confirmed_by_its_own_link(bed: Bed) -> Result<()> {
    let (request, _, _) = bed.challenged(1).await?;
    let address = EmailAddress::parse("hanako.new@example.jp")?;
    let new = bed.challenges.confirmation(&address, Language::En);
    assert_eq!(new.purpose, Purpose::NewAddress);
    assert_eq!(new.to.expose(), "hanako.new@example.jp");
    assert!(new.code.is_none());
    let Letter::ConfirmNewAddress { link, .. } = &new.letter else { panic!("another letter") };
    assert!(link.expose().starts_with(&format!("{BASE}/en/confirm/")));
    let token = token_in(link.expose());
    bed.ledger.challenge_within(request, new, u64::MAX).await?;
    assert!(matches!(bed.desk.look(&token).await?, LinkState::Open { purpose: Purpose::NewAddress, .. }));
    assert!(matches!(bed.desk.confirm(&token).await?, Confirmation::Confirmed(_)));
    let again = bed.desk.confirm(&token).await?;
    assert!(matches!(again, Confirmation::AlreadyUsed(Purpose::NewAddress, _)), "{again:?}");
    assert!(matches!(bed.desk.look(&token).await?, LinkState::Used { purpose: Purpose::NewAddress, .. }));
    assert_eq!(bed.state_of(request).await?, "awaiting-verification", "it proves no identity");
    assert_eq!(bed.count("audit WHERE event = 'address-confirmed'").await?, 1);
    Ok(())
}
