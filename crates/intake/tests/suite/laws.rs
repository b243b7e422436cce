//! Whose word the law of a request is. A claim may raise what proof takes, and never lower it.

use std::collections::BTreeSet;

use anyhow::Result;
use habeas_domain::{
    Actor, Channel, RegimeId, Regimes, Right, TokenId, TypedId,
    approval::ApprovalPolicy,
    submission::Submitter,
    verification::{Level, Method, VerificationPolicy},
};
use habeas_intake::{MailDoor, Reception, ReceptionOptions};
use serde_json::{Value, json};

use crate::bed::{Bed, Broker, State, options, reception};

fn law(id: &str) -> RegimeId {
    RegimeId::new(id).unwrap()
}

fn under(default: &str) -> ReceptionOptions {
    ReceptionOptions::new(law(default))
}

async fn bed() -> Result<Bed> {
    Bed::new(State::Sqlite, Broker::Embedded).await
}

/// Somebody with a token that hands in and nothing more, such as a form.
fn form() -> Submitter {
    Actor::Token(TokenId::from_uuid(uuid::Uuid::from_u128(1))).into()
}

fn staff() -> Submitter {
    Submitter::who_chooses_the_law(form().actor)
}

fn naming(regime: &str, rights: &[Right]) -> Value {
    json!({ "regime": regime, "subject": { "email": "hanako@example.jp" }, "rights": rights })
}

fn policy(reception: &Reception, value: &Value, by: Submitter) -> VerificationPolicy {
    reception.screen(value, Channel::Api, by, None).unwrap().verification
}

#[tokio::test]
async fn a_claimed_law_never_lowers_what_proof_takes() -> Result<()> {
    let bed = bed().await?;
    let california = reception(&bed.ledger, under("us_ca"));
    let usual = policy(&california, &naming("us_ca", &[Right::Access]), form());
    assert_eq!(usual.level, Level::High);
    for claimed in ["eu_gdpr", "uk_gdpr", "jp_appi"] {
        for (door, by) in [(Channel::Api, form()), (Channel::Queue, Actor::System.into())] {
            let new = california.screen(&naming(claimed, &[Right::Access]), door, by, None).unwrap();
            assert_eq!(new.submission.regime, law(claimed), "its dates are those of the law it names");
            assert_eq!(new.verification.level, Level::High, "{claimed}");
            let sets = |policy: &VerificationPolicy| policy.enough.iter().cloned().collect::<BTreeSet<_>>();
            assert_eq!(sets(&new.verification), sets(&usual), "{claimed}");
            assert!(
                new.verification.never_ask.documents,
                "{claimed}: what the usual law forbids stays forbidden"
            );
        }
    }
    // A right that the usual law does not offer is a door to the same data all the same.
    let claimed = naming("eu_gdpr", &[Right::Portability]);
    let mut japan = under("jp_appi");
    japan.levels.insert(law("jp_appi"), [(Right::Access, Level::High)].into());
    assert_eq!(policy(&reception(&bed.ledger, japan), &claimed, form()).level, Level::High);
    Ok(())
}

#[tokio::test]
async fn a_claimed_law_raises_what_proof_takes() -> Result<()> {
    let bed = bed().await?;
    let europe = reception(&bed.ledger, options());
    let raised = policy(&europe, &naming("us_ca", &[Right::Access]), form());
    assert_eq!(raised.level, Level::High);
    assert_eq!(policy(&europe, &naming("us_ca", &[Right::Deletion]), form()).level, Level::Reasonable);
    Ok(())
}

#[tokio::test]
async fn whoever_may_approve_says_which_law_it_is_and_a_form_never_does() -> Result<()> {
    let bed = bed().await?;
    let california = reception(&bed.ledger, under("us_ca"));
    let mut claimed = naming("eu_gdpr", &[Right::Access]);
    assert!(policy(&california, &claimed, staff()).is_mail_link_alone());
    claimed["channel"] = json!("form");
    assert_eq!(policy(&california, &claimed, staff()).level, Level::High, "they pass on what a person chose");
    Ok(())
}

#[tokio::test]
async fn settings_of_the_usual_law_are_not_gone_round_by_naming_another() -> Result<()> {
    let bed = bed().await?;
    let mut strict = options();
    strict.levels.insert(law("eu_gdpr"), [(Right::Deletion, Level::High)].into());
    strict.approvals.insert(law("eu_gdpr"), [(Right::Deletion, ApprovalPolicy::FourEyes)].into());
    let strict = reception(&bed.ledger, strict);
    let new = strict.screen(&naming("uk_gdpr", &[Right::Deletion]), Channel::Api, form(), None).unwrap();
    assert_eq!(new.verification.level, Level::High);
    assert_eq!(new.policies[&Right::Deletion], ApprovalPolicy::FourEyes);
    let new = strict.screen(&naming("uk_gdpr", &[Right::Deletion]), Channel::Api, staff(), None).unwrap();
    assert_eq!(new.policies[&Right::Deletion], ApprovalPolicy::OnePerson);
    Ok(())
}

#[tokio::test]
async fn an_agent_names_no_law_under_which_their_mandate_is_enough() -> Result<()> {
    let bed = bed().await?;
    let by_agent = |regime: &str, mandate: &str| {
        let mut value = naming(regime, &[Right::Access]);
        value["agent"] = json!({ "name": "Alex", "email": "alex@agents.example", "mandate": mandate });
        value
    };
    let stands_in = |default: &str, value: &Value, by| {
        policy(&reception(&bed.ledger, under(default)), value, by).counts(Method::Mandate)
    };
    for mandate in ["signed-permission", "power-of-attorney", "statutory"] {
        let claimed = by_agent("jp_appi", mandate);
        assert!(!stands_in("eu_gdpr", &claimed, form()), "{mandate}");
        assert!(stands_in("jp_appi", &claimed, form()), "{mandate}: the company's own law says so");
        assert!(stands_in("eu_gdpr", &claimed, staff()), "{mandate}: staff say so");
    }
    assert!(stands_in("us_ca", &by_agent("jp_appi", "power-of-attorney"), form()), "both laws say so");
    assert!(!stands_in("us_ca", &by_agent("jp_appi", "statutory"), form()), "one of them does not");
    Ok(())
}

#[tokio::test]
async fn a_child_takes_what_each_of_the_two_laws_takes() -> Result<()> {
    let bed = bed().await?;
    let mut value = naming("us_ca", &[Right::Access]);
    value["child"] = json!({ "age": 14 });
    let taken = policy(&reception(&bed.ledger, options()), &value, form());
    assert!(taken.is_for_child(), "14 is a child under the usual law");
    assert!(taken.counts(Method::GuardianOnFile));
    value["child"] = json!({});
    let taken = policy(&reception(&bed.ledger, options()), &value, form());
    assert!(!taken.counts(Method::GuardianOnFile), "without an age somebody looks");
    Ok(())
}

#[tokio::test]
async fn laws_that_are_not_taken_are_refused_by_field_and_in_a_mail_give_way_to_the_usual_one() -> Result<()>
{
    let bed = bed().await?;
    let mut few = under("us_ca");
    few.regimes = BTreeSet::from([law("us_ca"), law("jp_appi")]);
    let few = reception(&bed.ledger, few);
    for by in [form(), staff()] {
        let refused = few.screen(&naming("eu_gdpr", &[Right::Access]), Channel::Api, by, None).unwrap_err();
        assert_eq!((refused[0].field.as_str(), refused[0].code), ("regime", "unknown-value"));
        assert_eq!(refused[0].message, "use one of: jp_appi, us_ca");
    }
    let mail = |key| MailDoor { key, message_id: None, receipt: true };
    let taken = few.receive_mail(&naming("eu_gdpr", &[Right::Access]), Actor::System, mail("1")).await?;
    assert_eq!(bed.ledger.request_view(taken.id).await?.regime, "us_ca");
    let trail = bed.texts("SELECT detail FROM audit WHERE event = 'received'").await?;
    assert!(trail.iter().all(|detail| detail.contains(r#""law_not_taken":"eu_gdpr""#)), "{trail:?}");
    few.receive_mail(&naming("eu_gdpr", &[Right::Access]), staff(), mail("2")).await.unwrap_err();
    let unknown = few.receive_mail(&naming("atlantis", &[Right::Access]), Actor::System, mail("3")).await;
    unknown.unwrap_err();
    Ok(())
}

/// Every right of every shipped law: two doors to one copy take the same.
#[tokio::test]
async fn no_shipped_law_has_two_doors_to_one_copy() -> Result<()> {
    let bed = bed().await?;
    for regime in Regimes::builtin()?.iter() {
        let mut settings = under(regime.id.as_str());
        settings.levels.insert(regime.id.clone(), [(Right::Access, Level::High)].into());
        for reception in [reception(&bed.ledger, under(regime.id.as_str())), reception(&bed.ledger, settings)]
        {
            let copies = regime.rights.keys().filter(|right| right.gives_a_copy());
            let taken: BTreeSet<String> = copies
                .map(|right| {
                    format!("{:?}", policy(&reception, &naming(regime.id.as_str(), &[*right]), form()))
                })
                .collect();
            assert_eq!(taken.len(), 1, "{}", regime.id);
        }
    }
    Ok(())
}
