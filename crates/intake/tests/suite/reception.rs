use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::{
    Actor, Calendars, Category, Channel, RegimeId, Regimes, Right, TokenId, TypedId,
    approval::ApprovalPolicy, submission::CorrectionKind, verification::Level,
};
use habeas_intake::{ReceiveError, Reception, ReceptionError, ReceptionOptions};
use serde_json::{Value, json};

use crate::{
    bed::{Bed, Broker, State, options, reception, today},
    both_states::on_both_states,
    samples::{SECRET, submission},
};

on_both_states!(
    every_door_leads_to_the_same_request,
    a_repeat_gives_the_first_answer,
    the_same_key_twenty_times_at_once_is_one_request,
    keys_of_different_callers_do_not_meet,
    settings_decide_what_a_submission_leaves_open,
    a_refused_submission_leaves_nothing_behind,
    what_no_store_corrects_is_told_to_whoever_hands_it_in,
);

fn token(n: u128) -> Actor {
    Actor::Token(TokenId::from_uuid(uuid::Uuid::from_u128(n)))
}

async fn every_door_leads_to_the_same_request(bed: Bed) -> Result<()> {
    for (n, door) in [Channel::Api, Channel::Queue, Channel::Cli].into_iter().enumerate() {
        let accepted = bed.reception.receive(&submission(n), door, token(1), None).await?;
        assert!(!accepted.repeated && accepted.duplicate_of.is_none());
        assert_eq!(accepted.due_on.to_string(), "2026-12-21", "a month, and the 20th is a Sunday");
    }
    let passed_on =
        json!({ "channel": "post", "subject": { "email": "taro@example.com" }, "rights": ["deletion"] });
    bed.reception.receive(&passed_on, Channel::Api, token(1), None).await?;
    let channels = bed.texts("SELECT channel FROM request").await?;
    assert_eq!(channels.into_iter().collect::<Vec<_>>(), ["api", "cli", "post", "queue"]);
    Ok(())
}

async fn a_repeat_gives_the_first_answer(bed: Bed) -> Result<()> {
    let receive = |value: Value| {
        let reception = bed.reception.clone();
        async move { reception.receive(&value, Channel::Api, token(1), Some("order-1")).await }
    };
    let first = receive(submission(1)).await?;
    let again = receive(submission(1)).await?;
    assert!(again.repeated && again.id == first.id);
    let other = receive(submission(2)).await.unwrap_err();
    assert!(matches!(other, ReceiveError::KeyReused));
    assert_eq!(bed.count("request").await?, 1);
    Ok(())
}

async fn the_same_key_twenty_times_at_once_is_one_request(bed: Bed) -> Result<()> {
    let value = submission(1);
    let all = (0..20).map(|_| bed.reception.receive(&value, Channel::Api, token(1), Some("order-1")));
    let results = futures::future::join_all(all).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(results.iter().filter(|accepted| !accepted.repeated).count(), 1);
    assert!(results.iter().all(|accepted| accepted.id == results[0].id));
    assert_eq!(bed.count("request").await?, 1);
    Ok(())
}

async fn keys_of_different_callers_do_not_meet(bed: Bed) -> Result<()> {
    for (n, caller) in [token(1), token(2), Actor::System].into_iter().enumerate() {
        bed.reception.receive(&submission(n), Channel::Api, caller, Some("1")).await?;
    }
    bed.reception.receive(&submission(9), Channel::Cli, token(1), Some("1")).await?;
    assert_eq!(bed.count("request").await?, 4);
    Ok(())
}

async fn settings_decide_what_a_submission_leaves_open(bed: Bed) -> Result<()> {
    let regime = RegimeId::new("jp_appi")?;
    let mut settings = options();
    settings.default_regime = regime.clone();
    settings.default_language = habeas_domain::Language::Ja;
    settings.lapse_after = Duration::from_hours(48);
    settings.time_zone = Some(chrono_tz::Pacific::Kiritimati);
    settings.approvals.insert(regime.clone(), [(Right::Access, ApprovalPolicy::FourEyes)].into());
    let reception = reception(&bed.ledger, settings);
    let both = json!({ "subject": { "email": "taro@example.com" }, "rights": ["access", "deletion"] });
    let new = reception.screen(&both, Channel::Cli, Actor::System, None).unwrap();
    assert_eq!(new.submission.regime, regime);
    assert_eq!(new.submission.language, habeas_domain::Language::Ja);
    assert_eq!(new.lapse_at, today() + TimeDelta::hours(48));
    assert_eq!(new.policies[&Right::Access], ApprovalPolicy::FourEyes);
    assert_eq!(new.policies[&Right::Deletion], ApprovalPolicy::OnePerson);
    assert!(new.deadline.basis.en.contains("Pacific/Kiritimati"), "{:?}", new.deadline.basis);
    assert_eq!(bed.count("request").await?, 0, "screening writes nothing");
    reception.receive(&both, Channel::Cli, Actor::System, None).await?;
    let policies = bed.texts("SELECT policy FROM job").await?;
    assert_eq!(policies.into_iter().collect::<Vec<_>>(), ["four-eyes", "one-person"]);
    Ok(())
}

async fn what_no_store_corrects_is_told_to_whoever_hands_it_in(bed: Bed) -> Result<()> {
    let known = [("user.name", CorrectionKind::Name), ("user.contact.email", CorrectionKind::Email)];
    let known = known.map(|(category, kind)| (Category::new(category).unwrap(), kind));
    let reception = reception(
        &bed.ledger,
        ReceptionOptions { correctable: Some(known.into_iter().collect()), ..options() },
    );
    let asks = |category: &str, kind: &str| {
        let one = json!({ "category": category, "type": kind, "value": "A B" });
        json!({ "subject": { "email": "taro@example.com" }, "rights": ["correction"], "corrections": [one] })
    };
    let told = |value: &Value, door| reception.screen(value, door, token(1), None).unwrap_err();
    let slip = told(&asks("user.nme", "name"), Channel::Cli);
    assert_eq!((slip.len(), slip[0].code), (1, "not-correctable"));
    insta::allow_duplicates! {
        insta::assert_snapshot!(format!("{}: {}", slip[0].field, slip[0].message), @"corrections[0].category: no store corrects user.nme as name (did you mean user.name?); what can be corrected: user.contact.email:email, user.name:name");
    }
    let kind = told(&asks("user.name", "text"), Channel::Api);
    assert_eq!(kind[0].field, "corrections[0].type");
    assert!(kind[0].message.starts_with("no store corrects user.name as text; what can"), "{kind:?}");
    for door in [Channel::Queue, Channel::Mailbox] {
        assert!(reception.screen(&asks("user.nme", "name"), door, token(1), None).is_ok(), "{door}");
    }
    assert!(reception.screen(&asks("user.name", "name"), Channel::Api, token(1), None).is_ok());
    Ok(())
}

async fn a_refused_submission_leaves_nothing_behind(bed: Bed) -> Result<()> {
    let bad = json!({
        "channel": "queue", "regime": "atlantis", "rights": ["access", "flight"], "colour": 1,
        "subject": { "email": format!("{SECRET}@example.jp, taro@example.jp") },
    });
    let key = "x".repeat(201);
    let refused = bed.reception.receive(&bad, Channel::Api, token(1), Some(&key)).await.unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains(SECRET));
    let ReceiveError::Problems(problems) = refused else { panic!("{refused}") };
    let listed: Vec<String> = problems.iter().map(|one| format!("{}: {}", one.field, one.code)).collect();
    insta::allow_duplicates! {
        insta::assert_snapshot!(listed.join("\n"), @r"
        channel: not-allowed
        idempotency_key: malformed
        colour: unknown-field
        regime: unknown-value
        subject.email: several-addresses
        rights[1]: unknown-value
        ");
    }
    for table in ["request", "job", "mail", "work", "outbox", "audit"] {
        assert_eq!(bed.count(table).await?, 0, "{table}");
    }
    Ok(())
}

#[tokio::test]
async fn options_that_do_not_fit_the_regimes_are_refused() -> Result<()> {
    let bed = Bed::new(State::Sqlite, Broker::Embedded).await?;
    let (regimes, calendars) = (Regimes::builtin()?, Calendars::builtin()?);
    let refused = |change: fn(&mut ReceptionOptions)| {
        let mut settings = options();
        change(&mut settings);
        Reception::new(bed.ledger.clone(), &regimes, &calendars, settings).unwrap_err()
    };
    let unknown = refused(|settings| settings.default_regime = RegimeId::new("atlantis").unwrap());
    assert!(matches!(&unknown, ReceptionError::UnknownDefault { .. }));
    assert!(unknown.to_string().contains("eu_gdpr"));
    let unknown = refused(|settings| {
        settings.approvals.insert(RegimeId::new("atlantis").unwrap(), [].into());
    });
    assert!(matches!(unknown, ReceptionError::UnknownRegime { .. }));
    let not_offered = refused(|settings| {
        let rights = [(Right::Portability, ApprovalPolicy::Automatic)].into();
        settings.approvals.insert(RegimeId::new("jp_appi").unwrap(), rights);
    });
    assert!(matches!(not_offered, ReceptionError::NotOffered { right: Right::Portability, .. }));
    let unknown = refused(|settings| settings.regimes = [RegimeId::new("atlantis").unwrap()].into());
    assert!(matches!(unknown, ReceptionError::UnknownTaken { .. }));
    let without_default = refused(|settings| settings.regimes = [RegimeId::new("us_ca").unwrap()].into());
    assert!(matches!(without_default, ReceptionError::DefaultNotTaken { .. }));
    let no_effect = refused(|settings| {
        let rights = [(Right::Access, Level::Reasonable)].into();
        settings.levels.insert(RegimeId::new("us_ca").unwrap(), rights);
    });
    assert!(matches!(
        no_effect,
        ReceptionError::OtherDoor { right: Right::Access, other: Right::Portability, .. }
    ));
    insta::assert_snapshot!(no_effect, @"access is set to reasonable under us_ca, and portability, which hands out a copy of the same data, takes high; set both to the same level");
    let no_calendar = Reception::new(bed.ledger.clone(), &regimes, &Calendars::default(), options());
    assert!(matches!(no_calendar, Err(ReceptionError::Calendar(_))));
    Ok(())
}
