//! Questions about recent dealings: who passes them, how often they may be tried, and which answers count for nothing.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::verification::{Method, VerificationRules};
use habeas_verification::{DownloadAnswer, OnFileAnswer, Shown};

use crate::{
    another::name_here,
    bed::Bed,
    both_states::on_both_states,
    step::{ALSO_KNOWN, KNOWN, Step, UNKNOWN, right, wrong},
};

on_both_states!(
    right_answers_prove_and_wrong_ones_do_not,
    nobody_answers_for_a_person_who_is_not_known,
    answers_are_tried_three_times_a_day_over_all_requests,
    answers_are_tried_three_times_a_day_under_whatever_the_person_is_known_by,
    whoever_is_not_known_has_as_many_tries,
    who_guesses_a_little_every_day_is_stopped_by_the_month_and_told,
    right_answers_are_not_counted,
    the_last_wrong_answer_of_a_day_is_told,
    answers_that_a_package_showed_prove_nothing_for_a_while,
    an_answer_that_the_case_gave_away_does_not_count,
    an_answer_that_a_mail_of_the_case_gave_away_does_not_count,
    what_must_never_be_asked_is_not_asked,
);

async fn right_answers_prove_and_wrong_ones_do_not(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(KNOWN).await?;
    assert_eq!(step.answer(&token, &wrong).await?, Shown::Not);
    let two = |question: &str| if matches!(question, "month?" | "plan?") { right(question) } else { "" };
    assert_eq!(step.answer(&token, &two).await?, Shown::Not, "two of three");
    assert_eq!(step.state(request).await?, "awaiting-verification");
    let three = |question: &str| if question == "amount?" { "1" } else { right(question) };
    assert_eq!(step.answer(&token, &three).await?, Shown::Proven, "three of four");
    assert_eq!(step.state(request).await?, "resolving");
    assert_eq!(step.bed.count("verification_step").await?, 0, "what was expected is destroyed");
    assert_eq!(step.desk.second_step(&token).await?, None);
    let identity = step.bed.ledger.identity(request).await?;
    assert_eq!(identity.evidence.len(), 4, "the link and three tries, without what was typed");
    Ok(())
}

async fn nobody_answers_for_a_person_who_is_not_known(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(UNKNOWN).await?;
    for answers in [&right as &dyn Fn(&str) -> &'static str, &wrong, &|_: &str| ""] {
        assert_eq!(step.answer(&token, answers).await?, Shown::Not);
    }
    assert_eq!(step.state(request).await?, "awaiting-verification");
    Ok(())
}

async fn answers_are_tried_three_times_a_day_over_all_requests(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (_, one) = step.confirmed(KNOWN).await?;
    let (request, other) = step.confirmed(KNOWN).await?;
    assert_eq!(step.questions(&one).await?, step.questions(&other).await?, "no further ones are shown");
    for token in [&one, &other, &one] {
        assert_eq!(step.answer(token, &wrong).await?, Shown::Not);
    }
    assert_eq!(step.answer(&other, &right).await?, Shown::Not, "the fourth, though right");
    assert_eq!(step.state(request).await?, "awaiting-verification");
    step.bed.advance(TimeDelta::hours(23) + TimeDelta::minutes(30));
    assert_eq!(step.answer(&other, &right).await?, Shown::Not, "not a day yet");
    Ok(())
}

async fn answers_are_tried_three_times_a_day_under_whatever_the_person_is_known_by(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (_, one) = step.confirmed(KNOWN).await?;
    let (request, other) = step.confirmed(ALSO_KNOWN).await?;
    let high = VerificationRules::default().high;
    let (agents_request, agents) = step.bed.of_known_agent_with(ALSO_KNOWN, high).await?;
    step.desk.confirm(&agents).await?;
    let (joined_request, joined) = step.confirmed(UNKNOWN).await?;
    name_here(&step, &joined, KNOWN).await?;
    let (_, code) = step.bed.on_file_codes().await?.pop().context("a code")?;
    assert_eq!(step.desk.try_on_file(&joined, &code).await?, OnFileAnswer::Noted);
    for token in [&one, &other, &agents] {
        assert_eq!(step.answer(token, &wrong).await?, Shown::Not);
    }
    for token in [&one, &other, &agents, &joined] {
        assert_eq!(step.answer(token, &right).await?, Shown::Not, "one person, and the fourth try");
    }
    for request in [request, agents_request, joined_request] {
        assert_eq!(step.state(request).await?, "awaiting-verification");
    }
    step.bed.advance(TimeDelta::hours(25));
    let (request, token) = step.confirmed(ALSO_KNOWN).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven, "another day");
    assert_eq!(step.state(request).await?, "resolving");
    Ok(())
}

/// Counted and told to staff for everybody alike, so that neither a page nor a limit tells who is known.
async fn whoever_is_not_known_has_as_many_tries(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let mut seen = Vec::new();
    for email in [KNOWN, UNKNOWN] {
        let (one, first) = step.confirmed(email).await?;
        let (other, second) = step.confirmed(email).await?;
        let mut answers = Vec::new();
        for token in [&first, &second, &first, &second, &first] {
            answers.push(step.answer(token, &wrong).await?);
        }
        let mut signs = Vec::new();
        for request in [one, other] {
            signs.push(step.bed.ledger.request_view(request).await?.signs.len());
        }
        seen.push((answers, signs));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], (vec![Shown::Not; 5], vec![1, 1]), "both requests show that somebody guessed");
    Ok(())
}

/// Somebody patient, who guesses a little every day over new requests, is stopped by the month; staff are told on the day on
/// which the tries run out, whoever is known.
async fn who_guesses_a_little_every_day_is_stopped_by_the_month_and_told(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let mut seen = Vec::new();
    for email in [KNOWN, UNKNOWN] {
        let mut signs = Vec::new();
        for day in 0..5 {
            let (request, token) = step.confirmed(email).await?;
            let mut answers = Vec::new();
            // Two a day are within the day's limit, so that the month's alone is met.
            for _ in 0..2 {
                answers.push(step.answer(&token, &wrong).await?);
            }
            assert_eq!(answers, [Shown::Not, Shown::Not], "day {day}");
            signs.push(step.bed.ledger.request_view(request).await?.signs.len());
            step.bed.advance(TimeDelta::hours(25));
        }
        let (request, token) = step.confirmed(email).await?;
        assert_eq!(step.answer(&token, &right).await?, Shown::Not, "not even the right ones count now");
        let offered = step.desk.second_step(&token).await?.context("a second step")?;
        assert_eq!(
            offered.methods,
            [Method::SignIn, Method::SmsCode, Method::RecentDealings],
            "the pages stay"
        );
        signs.push(step.bed.ledger.request_view(request).await?.signs.len());
        seen.push(signs);
    }
    assert_eq!(seen[0], [0, 0, 0, 0, 1, 1], "told with the ninth wrong answer");
    assert_eq!(seen[0], seen[1]);
    step.bed.advance(TimeDelta::days(31));
    let (_, token) = step.confirmed(KNOWN).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven, "a month later");
    Ok(())
}

/// Whoever answers rightly however often is not taken for somebody who guesses.
async fn right_answers_are_not_counted(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    for _ in 0..12 {
        let (request, token) = step.confirmed(KNOWN).await?;
        assert_eq!(step.answer(&token, &right).await?, Shown::Proven);
        assert!(step.bed.ledger.request_view(request).await?.signs.is_empty());
    }
    Ok(())
}

/// Whoever opened a package of hers has read every answer.
async fn answers_that_a_package_showed_prove_nothing_for_a_while(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(KNOWN).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven);
    let (_, package) = step.bed.package(request, 3).await?;
    step.bed.desk.send_download_code(&package).await?;
    let code = step.bed.download_codes().await?.pop().context("a code")?;
    let opened = step.bed.desk.try_download_code(&package, &code).await?;
    let DownloadAnswer::Granted(grant) = opened else { anyhow::bail!("{opened:?}") };
    assert!(step.bed.desk.redeem(&package, &grant).await?.is_some());
    let (_, token) = step.confirmed(KNOWN).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Not);
    step.bed.advance(TimeDelta::days(91));
    let (_, token) = step.confirmed(KNOWN).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven, "she has dealt with the company since");
    Ok(())
}

async fn the_last_wrong_answer_of_a_day_is_told(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(UNKNOWN).await?;
    for signs in [0, 0, 1] {
        assert_eq!(step.answer(&token, &wrong).await?, Shown::Not);
        assert_eq!(step.bed.ledger.request_view(request).await?.signs.len(), signs);
    }
    Ok(())
}

async fn an_answer_that_the_case_gave_away_does_not_count(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let message = "I ordered in April 2026, have the ライト plan, and my number ends in 4821.";
    let policy = VerificationRules::default().high;
    let (request, token) = step.confirmed_with(KNOWN, policy, Some(message)).await?;
    assert_eq!(step.questions(&token).await?.len(), 4, "it is asked all the same");
    assert_eq!(step.answer(&token, &right).await?, Shown::Not);
    assert_eq!(step.state(request).await?, "awaiting-verification");
    Ok(())
}

async fn an_answer_that_a_mail_of_the_case_gave_away_does_not_count(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (request, token) = step.confirmed(KNOWN).await?;
    assert_eq!(step.questions(&token).await?.len(), 4, "they are drawn before the mail comes");
    step.bed.mail_of(request, "I ordered in April 2026 and have the ライト plan, says her sister.").await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Not, "two of four are known to others");
    assert_eq!(step.state(request).await?, "awaiting-verification");
    let (other, token) = step.confirmed(KNOWN).await?;
    assert_eq!(step.answer(&token, &right).await?, Shown::Proven, "another case knows nothing of it");
    assert_eq!(step.state(other).await?, "resolving");
    Ok(())
}

async fn what_must_never_be_asked_is_not_asked(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    for email in [KNOWN, UNKNOWN] {
        let (_, token) = step.confirmed(email).await?;
        let questions: BTreeSet<String> = step.questions(&token).await?.into_iter().collect();
        assert!(!questions.contains("passport?"), "{questions:?}");
    }
    Ok(())
}
