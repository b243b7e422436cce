//! The mails of a request about a child, and the guardian's button.

use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use habeas_domain::{EmailAddress, Fault, Letter, Personal, RequestState, verification::VerificationPolicy};
use habeas_ledger::{MailToSend, OpenRequest};
use habeas_runtime::{Failure, Worker as _};
use habeas_verification::{
    AskAnew, Confirmation, Desk, LinkState, LookUpWorker,
    on_file::{AskedField, Files, OnFile},
};
use serde_json::{Value, json};

use crate::{bed::Bed, both_states::on_both_states, mails::token_in};

on_both_states!(
    a_child_and_its_guardian_are_each_written_to_at_their_own_address,
    a_guardian_on_file_opens_the_request_and_another_does_not,
    a_store_that_is_away_is_seen_on_no_page_and_asked_again,
);

const CHILD: &str = "hanako@example.jp";
const PARENT: &str = "ichiro@example.jp";

/// Stores that hold one address as the guardian's of whomever one asks about.
struct Family(Option<&'static str>);

#[async_trait]
impl Files for Family {
    fn asked(&self) -> Vec<AskedField> {
        Vec::new()
    }

    async fn of(&self, address: &EmailAddress) -> Result<OnFile, Fault> {
        assert_eq!(address.as_str(), CHILD, "whose guardian, and not who says so");
        let guardian = self.0.ok_or_else(|| Fault::temporary("store-away", "no answer"))?;
        Ok(OnFile { guardians: vec![EmailAddress::parse(guardian).unwrap()], ..OnFile::default() })
    }

    async fn lead(&self, _: &Personal<String>) -> Result<Option<EmailAddress>, Fault> {
        Ok(None)
    }
}

fn submission(child: &Value) -> Value {
    json!({ "subject": { "email": CHILD, "name": "山田 花子" }, "rights": ["access"], "child": child })
}

fn named() -> Value {
    json!({ "age": 9, "guardian": { "name": "山田 一郎", "email": PARENT } })
}

/// The mails of a new request about a child.
async fn mailed(bed: &Bed, child: &Value) -> Result<(habeas_domain::RequestId, Vec<MailToSend>)> {
    let request = bed.submitted(&submission(child), VerificationPolicy::guardian()).await?;
    let claimed = bed.claim("challenge", std::time::Duration::from_mins(1)).await?;
    assert!(bed.worker().run(claimed).await.is_empty());
    Ok((request, bed.mails().await?))
}

fn link(mails: &[MailToSend], kind: &str) -> String {
    let mail = mails.iter().find(|mail| mail.letter.kind() == kind).unwrap();
    match &mail.letter {
        Letter::VerifyGuardian { link, .. } | Letter::VerifyChild { link, .. } => token_in(link.expose()),
        other => panic!("{other:?}"),
    }
}

async fn a_child_and_its_guardian_are_each_written_to_at_their_own_address(bed: Bed) -> Result<()> {
    let (_, mails) = mailed(&bed, &named()).await?;
    let mut told: Vec<_> = mails
        .iter()
        .map(|mail| (mail.letter.kind(), mail.to.expose().as_str(), mail.name.expose().as_deref()))
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [("verify-child", CHILD, Some("山田 花子")), ("verify-guardian", PARENT, Some("山田 一郎"))]
    );
    let (_, alone) = mailed(&bed, &json!({})).await?;
    assert!(matches!(alone[0].letter, Letter::VerifyChild { guardian: false, .. }), "{alone:?}");
    assert_eq!(alone.len(), 1);
    Ok(())
}

async fn a_guardian_on_file_opens_the_request_and_another_does_not(bed: Bed) -> Result<()> {
    for (on_file, state) in
        [(PARENT, RequestState::Resolving), ("other@example.jp", RequestState::AwaitingVerification)]
    {
        let desk = Desk::new(bed.ledger.clone(), bed.challenges.clone());
        let (request, mails) = mailed(&bed, &named()).await?;
        let (child, guardian) = (link(&mails, "verify-child"), link(&mails, "verify-guardian"));
        assert!(matches!(desk.confirm(&child).await?, Confirmation::Confirmed(one) if one.more && one.child));
        assert_eq!(desk.look(&child).await?, LinkState::More);
        assert_eq!(desk.second_step(&child).await?, None, "a child is asked for nothing more");
        let pressed = desk.confirm(&guardian).await?;
        assert!(matches!(&pressed, Confirmation::Confirmed(one) if !one.more), "told alike: {pressed:?}");
        assert_eq!(state_of(&bed, request).await?, RequestState::AwaitingVerification, "not while they wait");
        assert!(look_up(&bed, Some(on_file)).await?.is_empty());
        assert_eq!(state_of(&bed, request).await?, state, "{on_file}");
        assert!(!matches!(desk.confirm(&guardian).await?, Confirmation::Confirmed(_)), "once");
    }
    Ok(())
}

async fn a_store_that_is_away_is_seen_on_no_page_and_asked_again(bed: Bed) -> Result<()> {
    let desk = Desk::new(bed.ledger.clone(), bed.challenges.clone());
    let (request, mails) = mailed(&bed, &named()).await?;
    let guardian = link(&mails, "verify-guardian");
    assert!(matches!(desk.confirm(&guardian).await?, Confirmation::Confirmed(one) if !one.more));
    let failed = look_up(&bed, None).await?;
    assert_eq!((failed.len(), failed[0].fault.code.as_str()), (1, "store-away"));
    bed.ledger.release(&[failed[0].lease]).await?;
    assert!(look_up(&bed, Some(PARENT)).await?.is_empty());
    assert_eq!(state_of(&bed, request).await?, RequestState::Resolving);
    Ok(())
}

async fn state_of(bed: &Bed, request: habeas_domain::RequestId) -> Result<RequestState> {
    Ok(bed.ledger.open_request(request).await?.state)
}

/// What the worker does after the button was pressed.
async fn look_up(bed: &Bed, on_file: Option<&'static str>) -> Result<Vec<Failure>> {
    let files = Arc::new(Family(on_file));
    let worker = LookUpWorker::new(bed.ledger.clone(), bed.challenges.clone(), files, Arc::new(Nobody));
    Ok(worker.run(bed.claim("look-up", std::time::Duration::from_mins(1)).await?).await)
}

/// Is asked anew.
struct Nobody;

#[async_trait]
impl AskAnew for Nobody {
    async fn ask_anew(&self, _: &OpenRequest, _: &EmailAddress) -> Result<(), Fault> {
        panic!("a guardian's link asks nobody anew")
    }
}
