//! How mails answer, and by what their answers and reports are known again.

use std::sync::Arc;

use crate::common::{at, head, mail_id, posting, verify};
use habeas_domain::{Language, ManualClock, RequestId, SeededEntropy, TypedId};
use habeas_notification::{Letterhead, Marks, MsgId, OutgoingMail, Posting, Renderer, Reports, compose};
use habeas_vault::{CodeOptions, KeyRing, ThreadOf, Vault};

fn vault() -> Vault {
    let entropy = Arc::new(SeededEntropy::new(1));
    let ring = KeyRing::generate(&*entropy, &ManualClock::new(at("2026-11-21T10:48:19Z")));
    Vault::new(&ring, entropy, CodeOptions::default()).unwrap()
}

fn request() -> RequestId {
    RequestId::from_uuid(mail_id(42).uuid())
}

fn marked(plus_addresses: bool) -> Posting {
    let vault = vault();
    let marks = Marks {
        mail: vault.thread_token(ThreadOf::Mail(mail_id(7))),
        request: vault.thread_token(ThreadOf::Request(request())),
        plus_addresses,
    };
    Posting { marks: Some(marks), ..posting(7, "hanako@example.jp") }
}

fn mail(head: &Letterhead, posting: &Posting) -> OutgoingMail {
    compose(&Renderer::new().unwrap().render(&verify(), head).unwrap(), head, posting).unwrap()
}

fn headers(mail: &OutgoingMail) -> String {
    let text = String::from_utf8(mail.raw.expose().clone()).unwrap();
    text.split_once("\r\n\r\n").unwrap().0.replace("\r\n", "\n")
}

#[test]
fn a_mail_that_answers_a_mail_says_so_and_carries_its_tokens() {
    let posting = Posting {
        thread: Some("<CAF.odd=id@mail.example.jp>".parse().unwrap()),
        auto_replied: true,
        ..marked(true)
    };
    insta::assert_snapshot!(headers(&mail(&head(Language::En), &posting)));
}

#[test]
fn answers_and_reports_come_back_with_tokens_that_the_vault_knows() {
    let mail = mail(&head(Language::En), &marked(true));
    let from = mail.envelope_from.unwrap();
    let token = from.user().strip_prefix("privacy+").unwrap();
    assert_eq!(vault().thread_of(token), Some(ThreadOf::Mail(mail_id(7))));
    let id = mail.message_id.as_str().trim_start_matches('<').split('@').next().unwrap();
    assert_eq!(vault().thread_of(id), Some(ThreadOf::Mail(mail_id(7))));
    let message = mail_parser::MessageParser::default().parse(mail.raw.expose()).unwrap();
    let reply_to = message.reply_to().unwrap().first().unwrap().address().unwrap().to_owned();
    let token = reply_to.strip_prefix("privacy+").unwrap().split('@').next().unwrap();
    assert_eq!(vault().thread_of(token), Some(ThreadOf::Request(request())));
}

#[test]
fn without_plus_addresses_the_message_id_alone_carries_a_token() {
    let mail = mail(&head(Language::En), &marked(false));
    assert_eq!(mail.envelope_from.as_ref().unwrap().to_string(), "privacy@example.com");
    assert!(headers(&mail).contains("\nReply-To: privacy@example.com\n"));
    assert!(!mail.message_id.as_str().contains(&mail_id(7).to_string()));
}

#[test]
fn an_address_without_room_for_a_token_stays_as_it_is() {
    let long = format!("{}@example.com", "p".repeat(21));
    let head = Letterhead { contact_email: long.clone(), ..head(Language::En) };
    assert!(headers(&mail(&head, &marked(true))).contains(&format!("\nReply-To: {long}\n")));
}

#[test]
fn reports_can_be_declined() {
    let posting = Posting { reports: Reports::Nowhere, ..marked(true) };
    assert_eq!(mail(&head(Language::En), &posting).envelope_from, None);
}

#[test]
fn ids_without_brackets_are_checked_like_others() {
    assert_eq!(MsgId::bare("a@b").unwrap().as_str(), "<a@b>");
    assert!(MsgId::bare("a@b>\r\nBcc: <c@d").is_err());
}

#[test]
fn the_answer_with_the_address_of_the_form_cannot_be_answered_by_a_machine() {
    let renderer = Renderer::new().unwrap();
    for language in Language::ALL {
        let head = head(language);
        let words = renderer.render_form_address("https://www.example.com/privacy?a=1&b=2", &head).unwrap();
        let posting = Posting {
            thread: Some("<CAF.odd=id@mail.example.jp>".parse().unwrap()),
            auto_replied: true,
            reports: Reports::Nowhere,
            ..posting(7, "hanako@example.jp")
        };
        let mail = compose(&words, &head, &posting).unwrap();
        assert_eq!(mail.envelope_from, None, "the null address (RFC 3834, section 3.3)");
        let message = mail_parser::MessageParser::default().parse(mail.raw.expose()).unwrap();
        let (plain, html) = (message.body_text(0).unwrap(), message.body_html(0).unwrap());
        let shown = format!("{}\n\n{}\n\n{plain}", headers(&mail), message.subject().unwrap());
        insta::assert_snapshot!(format!("form-address.{language}"), shown.replace("\r\n", "\n"));
        let html = html.replace("&#x2f;", "/");
        assert!(html.contains("https://www.example.com/privacy?a=1&amp;b=2"), "{html}");
        for nothing_of in ["HB-7K3M-9QTX", "Hanako", "花子"] {
            assert!(!plain.contains(nothing_of) && !html.contains(nothing_of), "{nothing_of}");
        }
    }
    for odd in
        ["javascript:alert(1)", "https://x.example/\"onclick", "https://x.example/\r\nBcc: a@b", "ftp://x"]
    {
        assert!(renderer.render_form_address(odd, &head(Language::En)).is_err(), "{odd}");
    }
}
