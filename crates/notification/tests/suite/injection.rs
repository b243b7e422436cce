//! Whatever stands in names, subjects and addresses: exactly our headers, exactly one recipient.

use crate::common::{head, mail_id, posting};
use habeas_domain::{Language, Personal};
use habeas_notification::{Letterhead, MsgId, OutgoingMail, RenderedMail, compose};
use mail_parser::{Message, MessageParser};
use proptest::prelude::*;

const HEADERS: [&str; 12] = [
    "Date",
    "Message-ID",
    "Subject",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "From",
    "To",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "In-Reply-To",
];

fn words(subject: &str) -> RenderedMail {
    RenderedMail {
        kind: "received",
        language: Language::Ja,
        subject: subject.to_owned(),
        text: Personal::new("本文\n.\nFrom here\n".to_owned()),
        html: Personal::new("<p>本文</p>\n".to_owned()),
    }
}

fn mail(subject: &str, sender: &str) -> OutgoingMail {
    let mut head = head(Language::Ja);
    sender.clone_into(&mut head.from.name);
    compose(&words(subject), &head, &posting(1, "hanako@example.jp")).unwrap()
}

/// The mail, after checking everything that an injected header or recipient would change.
fn check(raw: &[u8]) -> Message<'_> {
    assert!(raw.is_ascii());
    assert!(raw.split(|byte| *byte == b'\n').all(|line| line.len() < 998), "RFC 5322, section 2.1.1");
    let message = MessageParser::default().parse(raw).unwrap();
    let names: Vec<&str> = message.headers().iter().map(mail_parser::Header::name).collect();
    assert_eq!(names.len(), HEADERS.len() - 1, "{names:?}");
    for name in &names {
        assert_eq!(HEADERS.iter().filter(|known| known.eq_ignore_ascii_case(name)).count(), 1, "{name}");
    }
    let to: Vec<_> = message.to().unwrap().iter().map(|to| (to.name(), to.address())).collect();
    assert_eq!(to, [(None, Some("hanako@example.jp"))]);
    let from: Vec<_> = message.from().unwrap().iter().map(mail_parser::Addr::address).collect();
    assert_eq!(from, [Some("privacy@example.com")]);
    assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), "本文\n.\nFrom here");
    assert_eq!(message.parts.len(), 3);
    message
}

/// Text with much of what breaks headers.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\0".to_owned()),
        Just("\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}".to_owned()),
        Just("Bcc: x@example.com".to_owned()),
        Just("\r\n\r\n<p>".to_owned()),
        Just("=?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5jb20=?=".to_owned()),
        Just("\"<x@example.com>, ".to_owned()),
        Just("\\\"()[]:;@,".to_owned()),
        "\\PC{0,12}",
        "[ぁ-んァ-ヶ一-龠]{1,40}",
        "[a-z]{1,90}",
        any::<String>(),
    ];
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_subject_and_no_name_adds_anything(subject in hostile(), sender in hostile()) {
        let mail = mail(&subject, &sender);
        let message = check(mail.raw.expose());
        let shown = message.subject().unwrap_or_default();
        prop_assert!(!shown.chars().any(char::is_control));
    }

    #[test]
    fn an_address_is_one_recipient_or_refused(local in hostile(), domain in hostile()) {
        let to = Personal::new(format!("{local}@{domain}"));
        let posting = habeas_notification::Posting { to, ..posting(1, "") };
        if let Ok(mail) = compose(&words("x"), &head(Language::Ja), &posting) {
            let message = MessageParser::default().parse(mail.raw.expose()).unwrap();
            prop_assert_eq!(message.headers().len(), HEADERS.len() - 1);
            prop_assert_eq!(message.to().unwrap().iter().count(), 1);
            prop_assert!(!mail.envelope_to.expose().to_string().contains(['\r', '\n', '\0', ',', '<', '>']));
        }
    }

    #[test]
    fn subjects_arrive_as_they_were(subject in "[ぁ-んァ-ヶ一-龠a-zA-Z0-9（）：、。-]{1,30}( [ぁ-ん一-龠a-z]{1,30}){0,4}") {
        let mail = mail(&subject, "窓口");
        let message = check(mail.raw.expose());
        prop_assert_eq!(message.subject(), Some(subject.as_str()));
    }
}

#[test]
fn each_encoded_word_is_whole_characters() {
    let subject = "ご請求の確認のお願い".repeat(9);
    let mail = mail(&subject, "サンプル商店 プライバシー窓口");
    let text = String::from_utf8(mail.raw.expose().clone()).unwrap();
    let words: Vec<&str> = text.match_indices("=?utf-8?b?").map(|(start, _)| &text[start..]).collect();
    assert!(words.len() > 5);
    for word in words {
        let word = &word[..10 + word[10..].find("?=").unwrap() + 2];
        assert!(word.len() <= 75, "RFC 2047, section 2");
        let alone = format!("Subject: {word}\r\n\r\n");
        let message = MessageParser::default().parse(alone.as_bytes()).unwrap();
        assert!(!message.subject().unwrap().contains('\u{fffd}'), "{word}");
    }
    assert_eq!(check(mail.raw.expose()).subject(), Some(subject.as_str()));
}

#[test]
fn the_same_mail_is_the_same_bytes() {
    let (first, second) = (mail("件名", "窓口"), mail("件名", "窓口"));
    assert_eq!(first.raw, second.raw);
    assert_eq!(first.message_id.as_str(), format!("<{}@example.com>", mail_id(1)));
}

#[test]
fn a_later_mail_joins_the_thread_and_the_first_does_not_answer_itself() {
    let head = head(Language::En);
    let root = head.msg_id(mail_id(1));
    let thread = |number| {
        let posting = habeas_notification::Posting {
            thread: Some(root.clone()),
            ..posting(number, "hanako@example.jp")
        };
        String::from_utf8(compose(&words("x"), &head, &posting).unwrap().raw.into_inner()).unwrap()
    };
    for header in ["In-Reply-To", "References"] {
        assert!(thread(2).contains(&format!("\r\n{header}: {root}\r\n")));
        assert!(!thread(1).contains(header));
    }
}

#[test]
fn a_thread_can_start_at_the_persons_own_mail() {
    let root: MsgId = "<CAF+very.odd=id@mail.example.jp>".parse().unwrap();
    let posting =
        habeas_notification::Posting { thread: Some(root.clone()), ..posting(1, "hanako@example.jp") };
    let mail = compose(&words("x"), &head(Language::En), &posting).unwrap();
    let message = MessageParser::default().parse(mail.raw.expose()).unwrap();
    assert_eq!(message.in_reply_to().as_text(), Some("CAF+very.odd=id@mail.example.jp"));
}

#[test]
fn a_wrong_configuration_is_told_apart_from_a_wrong_recipient() {
    use habeas_notification::ComposeError;
    let good = head(Language::En);
    let from = habeas_notification::Sender { name: String::new(), address: "nobody".to_owned() };
    let wrong_from = Letterhead { from, ..good.clone() };
    let wrong_contact =
        Letterhead { contact_email: "a@example.com, b@example.com".to_owned(), ..good.clone() };
    let try_with = |head: &Letterhead, to: &str| compose(&words("x"), head, &posting(1, to)).unwrap_err();
    assert!(matches!(try_with(&wrong_from, "a@example.jp"), ComposeError::Sender(_)));
    assert!(matches!(try_with(&wrong_contact, "a@example.jp"), ComposeError::Contact(_)));
    let refused = try_with(&good, "hanako@example.jp\r\nBcc: b@example.jp");
    assert!(matches!(refused, ComposeError::Recipient(_)));
    assert!(!format!("{refused:?}{refused}").contains("hanako"));
}
