//! Asking for papers, and the page that takes them.

use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::{
    Actor, Letter, PaperKind, Personal, TokenId, TypedId,
    paper::{PaperRefused, UploadRefused},
    text::FreeText,
    verification::VerificationPolicy,
};
use habeas_ledger::LedgerError;
use habeas_verification::{HandIn, PaperDesk, PaperOptions};
use serde_json::json;
use uuid::Uuid;

use crate::{
    bed::{BASE, Bed},
    both_states::on_both_states,
    mails::token_in,
};

on_both_states!(
    a_document_is_asked_for_by_mail_and_handed_in_once,
    whoever_acts_for_the_person_is_asked_for_their_mandate,
    documents_are_off_unless_they_are_switched_on,
);

fn desk(bed: &Bed, documents: bool) -> PaperDesk {
    let options = PaperOptions { documents, ..PaperOptions::default() };
    PaperDesk::new(bed.ledger.clone(), bed.challenges.clone(), options)
}

fn staff() -> Actor {
    Actor::Token(TokenId::from_uuid(Uuid::from_u128(2)))
}

fn reason() -> FreeText {
    FreeText::parse("Nothing else is on file.").unwrap()
}

fn pdf() -> Personal<Vec<u8>> {
    Personal::new(b"%PDF-1.7 of a fictional person".to_vec())
}

/// The mails that ask for papers: to whom, for what, and the token of the link.
async fn asked(bed: &Bed) -> Result<Vec<(String, PaperKind, String)>> {
    let mails = bed.mails().await?;
    let asked = mails.iter().filter_map(|mail| match &mail.letter {
        Letter::PaperWanted { kind, link, .. } => {
            assert!(link.expose().starts_with(&format!("{BASE}/ja/paper/")));
            Some((mail.to.expose().clone(), *kind, token_in(link.expose())))
        }
        _ => None,
    });
    Ok(asked.collect())
}

async fn a_document_is_asked_for_by_mail_and_handed_in_once(bed: Bed) -> Result<()> {
    let desk = desk(&bed, true);
    let request = bed.request(1).await?;
    desk.ask(request, PaperKind::IdentityDocument, reason(), staff()).await?;
    let mails = asked(&bed).await?;
    let [(to, PaperKind::IdentityDocument, token)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(to, "hanako+1@example.jp");
    let wanted = desk.wanted(token).await?.unwrap();
    assert_eq!((wanted.request, wanted.kind), (request, PaperKind::IdentityDocument));
    let zip = Personal::new(b"PK\x03\x04 an archive".to_vec());
    assert_eq!(desk.hand_in(token, &zip).await?, HandIn::Refused(UploadRefused::WrongType));
    assert_eq!(desk.hand_in(token, &pdf()).await?, HandIn::Taken);
    assert_eq!(desk.hand_in(token, &pdf()).await?, HandIn::NotOpen);
    assert_eq!(desk.wanted(token).await?, None);
    let given = desk.given(token).await?.unwrap();
    assert!(given.request == request && given.given_at.is_some(), "whoever comes again is told so");
    for made_up in ["", "x", &"a".repeat(43)] {
        assert_eq!(desk.hand_in(made_up, &pdf()).await?, HandIn::NotOpen);
        assert_eq!(desk.given(made_up).await?, None);
    }
    let other = bed.request(2).await?;
    desk.ask(other, PaperKind::IdentityDocument, reason(), staff()).await?;
    let late = asked(&bed).await?.remove(0).2;
    assert_eq!(desk.given(&late).await?, None, "not yet");
    bed.advance(TimeDelta::days(8));
    assert_eq!(desk.hand_in(&late, &pdf()).await?, HandIn::NotOpen);
    assert_eq!(desk.given(token).await?, None, "the link would have ended");
    Ok(())
}

async fn whoever_acts_for_the_person_is_asked_for_their_mandate(bed: Bed) -> Result<()> {
    let desk = desk(&bed, false);
    let value = json!({
        "subject": { "email": "hanako@example.jp", "name": "山田 花子" }, "rights": ["access"],
        "agent": { "name": "Alex Agent", "email": "alex@agents.example", "mandate": "signed-permission" },
    });
    let request = bed.submitted(&value, VerificationPolicy::mail_link()).await?;
    let early = desk.ask(request, PaperKind::Mandate, reason(), staff()).await;
    assert!(
        matches!(early, Err(LedgerError::Paper(PaperRefused::NobodyToAsk))),
        "before they showed their address"
    );
    bed.agent_confirms().await?;
    desk.ask(request, PaperKind::Mandate, reason(), staff()).await?;
    let claimed = bed.mails().await?;
    let mail = claimed.iter().find(|mail| mail.letter.kind() == "paper-wanted").unwrap();
    assert_eq!(
        (mail.to.expose().as_str(), mail.name.expose()),
        ("alex@agents.example", &None),
        "names nobody"
    );
    let plain = bed.request(1).await?;
    let nobody = desk.ask(plain, PaperKind::Mandate, reason(), staff()).await;
    assert!(matches!(nobody, Err(LedgerError::Paper(PaperRefused::NobodyToAsk))), "{nobody:?}");
    Ok(())
}

async fn documents_are_off_unless_they_are_switched_on(bed: Bed) -> Result<()> {
    let desk = desk(&bed, PaperOptions::default().documents);
    let request = bed.request(1).await?;
    let asked_for = desk.ask(request, PaperKind::IdentityDocument, reason(), staff()).await;
    assert!(matches!(asked_for, Err(LedgerError::Paper(PaperRefused::SwitchedOff))), "{asked_for:?}");
    let brought = desk.add(request, PaperKind::IdentityDocument, &pdf(), staff()).await;
    assert!(matches!(brought, Err(LedgerError::Paper(PaperRefused::SwitchedOff))), "{brought:?}");
    assert_eq!(asked(&bed).await?, []);
    Ok(())
}
