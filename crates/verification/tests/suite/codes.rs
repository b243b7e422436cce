use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::{RequestId, TypedId};
use habeas_verification::{CodeAnswer, Whose};
use uuid::Uuid;

use crate::{
    bed::{Bed, other_than},
    both_states::on_both_states,
};

on_both_states!(
    the_code_proves_the_identity_once,
    a_hundred_guesses_at_once_are_five_tries,
    five_wrong_codes_spoil_the_right_one,
    the_right_code_twenty_times_at_once_proves_once,
    a_code_of_another_request_is_refused,
    a_code_ends_after_ten_minutes,
    what_cannot_be_a_code_is_no_try,
    an_unknown_request_is_answered_like_a_wrong_code,
    a_code_can_be_typed_on_the_page_of_the_link,
);

async fn the_code_proves_the_identity_once(bed: Bed) -> Result<()> {
    let (request, token, code) = bed.challenged(1).await?;
    let typed = format!(" {}-{} ", &code[..4], &code[4..]);
    assert!(matches!(bed.desk.try_code(Whose::Request(request), &typed).await?, CodeAnswer::Confirmed(_)));
    assert_eq!(bed.state_of(request).await?, "resolving");
    assert_eq!(bed.desk.try_code(Whose::Request(request), &code).await?, CodeAnswer::Refused);
    let again = bed.desk.confirm(&token).await?;
    assert!(matches!(again, habeas_verification::Confirmation::AlreadyUsed(..)), "{again:?}");
    assert_eq!(bed.count("work WHERE kind = 'resolve'").await?, 1);
    Ok(())
}

async fn a_hundred_guesses_at_once_are_five_tries(bed: Bed) -> Result<()> {
    let (request, _, code) = bed.challenged(1).await?;
    let wrong = other_than(&code);
    let guesses = (0..100).map(|_| bed.desk.try_code(Whose::Request(request), &wrong));
    for answer in futures::future::join_all(guesses).await {
        assert_eq!(answer?, CodeAnswer::Refused);
    }
    assert_eq!(bed.number("SELECT tries_left AS n FROM challenge").await?, 0);
    assert_eq!(bed.desk.try_code(Whose::Request(request), &code).await?, CodeAnswer::Refused);
    assert_eq!(bed.state_of(request).await?, "awaiting-verification");
    Ok(())
}

async fn five_wrong_codes_spoil_the_right_one(bed: Bed) -> Result<()> {
    let (request, _, code) = bed.challenged(1).await?;
    for left in (1..5).rev() {
        let answer = bed.desk.try_code(Whose::Request(request), &other_than(&code)).await?;
        assert_eq!(answer, CodeAnswer::Refused);
        assert_eq!(bed.number("SELECT tries_left AS n FROM challenge").await?, left);
    }
    let (other, _, fifth) = bed.challenged(2).await?;
    for _ in 0..4 {
        bed.desk.try_code(Whose::Request(other), &other_than(&fifth)).await?;
    }
    assert!(
        matches!(bed.desk.try_code(Whose::Request(other), &fifth).await?, CodeAnswer::Confirmed(_)),
        "the fifth try"
    );
    bed.desk.try_code(Whose::Request(request), &other_than(&code)).await?;
    assert_eq!(
        bed.desk.try_code(Whose::Request(request), &code).await?,
        CodeAnswer::Refused,
        "the sixth try"
    );
    Ok(())
}

async fn the_right_code_twenty_times_at_once_proves_once(bed: Bed) -> Result<()> {
    let (request, _, code) = bed.challenged(1).await?;
    let tries = (0..20).map(|_| bed.desk.try_code(Whose::Request(request), &code));
    let answers = futures::future::join_all(tries).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, CodeAnswer::Confirmed(_))).count(), 1);
    assert_eq!(bed.count("work WHERE kind = 'resolve'").await?, 1);
    Ok(())
}

async fn a_code_of_another_request_is_refused(bed: Bed) -> Result<()> {
    let (mine, _, my_code) = bed.challenged(1).await?;
    let (other, _, other_code) = bed.challenged(2).await?;
    assert_eq!(bed.desk.try_code(Whose::Request(mine), &other_code).await?, CodeAnswer::Refused);
    assert_eq!(bed.state_of(mine).await?, "awaiting-verification");
    assert_eq!(bed.state_of(other).await?, "awaiting-verification");
    assert_eq!(
        bed.count("challenge WHERE tries_left = 5").await?,
        1,
        "only the request that was asked lost a try"
    );
    assert!(matches!(bed.desk.try_code(Whose::Request(mine), &my_code).await?, CodeAnswer::Confirmed(_)));
    Ok(())
}

async fn a_code_ends_after_ten_minutes(bed: Bed) -> Result<()> {
    let (request, _, code) = bed.challenged(1).await?;
    bed.advance(TimeDelta::minutes(10));
    assert_eq!(bed.desk.try_code(Whose::Request(request), &code).await?, CodeAnswer::Refused);
    assert_eq!(bed.state_of(request).await?, "awaiting-verification");
    let (request, _, code) = bed.challenged(2).await?;
    bed.advance(TimeDelta::minutes(10) - TimeDelta::seconds(1));
    assert!(matches!(bed.desk.try_code(Whose::Request(request), &code).await?, CodeAnswer::Confirmed(_)));
    Ok(())
}

async fn what_cannot_be_a_code_is_no_try(bed: Bed) -> Result<()> {
    let (request, _, code) = bed.challenged(1).await?;
    let unknown = RequestId::from_uuid(Uuid::from_u128(7));
    let long = "0".repeat(1 << 20);
    for typed in ["", "1234567", "123456789", "abcdefgh", "%", "' OR 1=1 --", "\0", long.as_str()] {
        for whose in [Whose::Request(request), Whose::Request(unknown), Whose::Link("x")] {
            assert_eq!(bed.desk.try_code(whose, typed).await?, CodeAnswer::Malformed);
        }
    }
    assert_eq!(bed.number("SELECT tries_left AS n FROM challenge").await?, 5);
    assert!(matches!(bed.desk.try_code(Whose::Request(request), &code).await?, CodeAnswer::Confirmed(_)));
    Ok(())
}

async fn an_unknown_request_is_answered_like_a_wrong_code(bed: Bed) -> Result<()> {
    let unknown = RequestId::from_uuid(Uuid::from_u128(7));
    let unheard = "A".repeat(43);
    for whose in [Whose::Request(unknown), Whose::Link(&unheard), Whose::Link("x")] {
        assert_eq!(bed.desk.try_code(whose, "01234567").await?, CodeAnswer::Refused);
    }
    let not_yet_challenged = bed.request(1).await?;
    assert_eq!(bed.desk.try_code(Whose::Request(not_yet_challenged), "01234567").await?, CodeAnswer::Refused);
    Ok(())
}

async fn a_code_can_be_typed_on_the_page_of_the_link(bed: Bed) -> Result<()> {
    let (request, token, code) = bed.challenged(1).await?;
    assert!(matches!(bed.desk.try_code(Whose::Link(&token), &code).await?, CodeAnswer::Confirmed(_)));
    assert_eq!(bed.state_of(request).await?, "resolving");
    Ok(())
}
