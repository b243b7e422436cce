//! One agent who asks for many people.

use anyhow::Result;
use habeas_domain::{Actor, AgentTerms, Channel, Personal, TokenId, TypedId};
use habeas_intake::{BatchLine, BatchTaken, ReceiveError};
use serde_json::{Value, json};

use crate::{
    bed::{Bed, options, reception},
    both_states::on_both_states,
};

on_both_states!(
    every_line_is_a_request_of_its_own_or_says_what_is_wrong,
    the_same_lines_again_are_harmless,
    a_batch_without_a_name_or_an_agent_takes_nothing,
    a_full_agent_refuses_the_rest_of_the_lines_and_nobody_elses,
    a_summary_does_not_tell_who_exists,
);

fn token(n: u128) -> Actor {
    Actor::Token(TokenId::from_uuid(uuid::Uuid::from_u128(n)))
}

fn agent() -> Value {
    json!({ "name": "Alex Agent", "email": "alex@agents.example", "mandate": "signed-permission" })
}

fn line(n: u64) -> Value {
    json!({ "subject": { "email": format!("p{n}@example.jp") }, "rights": ["access"] })
}

fn lines(values: impl IntoIterator<Item = Value>) -> Vec<BatchLine> {
    (1..).zip(values).map(|(number, value)| BatchLine { number, value: Personal::new(value) }).collect()
}

async fn send(bed: &Bed, values: impl IntoIterator<Item = Value>) -> Result<BatchTaken, ReceiveError> {
    bed.reception.receive_batch(("november", &agent()), lines(values), Channel::Api, token(1)).await
}

async fn every_line_is_a_request_of_its_own_or_says_what_is_wrong(bed: Bed) -> Result<()> {
    let mut values: Vec<Value> = (0..120).map(line).collect();
    values[3] = json!({ "subject": { "email": "not an address" }, "rights": ["access"] });
    values[60] = json!({ "subject": { "email": "p60@example.jp" }, "rights": [], "key": "k" });
    values[70] = json!("p70@example.jp");
    values[80]["agent"] = json!({ "email": "eve@agents.example" });
    values[90]["agent"] = json!({ "mandate": "power-of-attorney", "reference": "P-90" });
    values[100]["key"] = json!("same");
    values[101]["key"] = json!("same");
    let taken = send(&bed, values).await?;
    assert_eq!(taken.lines.iter().map(|line| line.number).collect::<Vec<_>>(), (1..=120).collect::<Vec<_>>());
    let wrong: Vec<(u64, &str, &str)> = taken
        .lines
        .iter()
        .filter_map(|line| {
            let first = line.outcome.as_ref().err()?.first()?;
            Some((line.number, first.field.as_str(), first.code))
        })
        .collect();
    assert_eq!(
        wrong,
        [
            (4, "subject.email", "malformed"),
            (61, "rights", "too-few"),
            (71, "submission", "wrong-type"),
            (81, "agent.email", "not-allowed"),
            (102, "key", "key-reused"),
        ]
    );
    assert_eq!(bed.count("request").await?, 115);
    let ids: std::collections::BTreeSet<_> =
        taken.lines.iter().filter_map(|line| Some(line.outcome.as_ref().ok()?.id)).collect();
    assert_eq!(ids.len(), 115, "each line its own request");
    assert_eq!(bed.count("agent").await?, 1);
    let asked = "work WHERE kind = 'challenge' AND target_id <> request_id";
    assert_eq!(bed.count(asked).await?, 1, "the agent is asked once");
    assert_eq!(bed.count("mail").await?, 0, "and nobody else before");
    let summary = bed.ledger.batch(taken.id).await?;
    assert_eq!((summary.accepted, summary.refused, summary.waiting_for_agent), (115, 5, 115));
    Ok(())
}

async fn the_same_lines_again_are_harmless(bed: Bed) -> Result<()> {
    let first = send(&bed, (0..60).map(line)).await?;
    let again = send(&bed, (30..90).map(line)).await?;
    assert_eq!(first.id, again.id, "the same batch");
    let repeated = again.lines.iter().filter(|line| line.outcome.as_ref().is_ok_and(|taken| taken.repeated));
    assert_eq!(repeated.count(), 30);
    assert_eq!(bed.count("request").await?, 90);
    // Under another name, by another caller, or of another agent it is another batch.
    for (name, caller) in [("december", 1), ("november", 2)] {
        let agent = agent();
        let other =
            bed.reception.receive_batch((name, &agent), lines([line(0)]), Channel::Api, token(caller));
        assert_ne!(other.await?.id, first.id);
    }
    assert_eq!(bed.count("request").await?, 92);
    let results = futures::future::join_all((0..8).map(|_| send(&bed, (100..110).map(line)))).await;
    assert!(results.iter().all(|taken| taken.as_ref().is_ok_and(|taken| taken.id == first.id)));
    assert_eq!(bed.count("request").await?, 102, "also when they come at once");
    Ok(())
}

async fn a_batch_without_a_name_or_an_agent_takes_nothing(bed: Bed) -> Result<()> {
    for (name, agent, field) in [
        ("", agent(), "name"),
        ("a\nb", agent(), "name"),
        ("november", Value::Null, "agent"),
        ("november", json!({ "name": "Alex" }), "agent.email"),
        ("november", json!({ "email": "a@b@c" }), "agent.email"),
    ] {
        let refused =
            bed.reception.receive_batch((name, &agent), lines([line(1)]), Channel::Api, token(1)).await;
        let Err(ReceiveError::Problems(problems)) = refused else { panic!("{name:?} was taken") };
        assert_eq!(problems[0].field, field);
    }
    assert_eq!((bed.count("request").await?, bed.count("batch").await?), (0, 0));
    Ok(())
}

async fn a_full_agent_refuses_the_rest_of_the_lines_and_nobody_elses(mut bed: Bed) -> Result<()> {
    let agents = AgentTerms { most_open: 70, ..AgentTerms::default() };
    bed.reception = reception(&bed.ledger, habeas_intake::ReceptionOptions { agents, ..options() });
    let taken = send(&bed, (0..80).map(line)).await?;
    let refused: Vec<u64> = taken
        .lines
        .iter()
        .filter(|line| line.outcome.as_ref().is_err_and(|problems| problems[0].code == "too-many"))
        .map(|line| line.number)
        .collect();
    assert_eq!(refused, (71..=80).collect::<Vec<_>>());
    bed.reception.receive(&line(99), Channel::Api, token(1), None).await?;
    Ok(())
}

async fn a_summary_does_not_tell_who_exists(bed: Bed) -> Result<()> {
    let taken = send(&bed, (0..3).map(line)).await?;
    let first = taken.lines[0].outcome.as_ref().map_err(|_| anyhow::anyhow!("refused"))?.id;
    let before = bed.ledger.batch(taken.id).await?;
    bed.ledger.withdraw(first, token(3)).await?;
    let after = bed.ledger.batch(taken.id).await?;
    assert_eq!(before, after, "what ended early looks like what is open");
    assert_eq!((after.open, after.done, after.waiting_for_agent), (0, 0, 3));
    Ok(())
}
