//! Every letter in both languages, as the whole mail that leaves the house.

use crate::{
    common::{head, mail_id, posting},
    samples::letters,
};
use habeas_domain::Language;
use habeas_notification::{Renderer, compose};
use mail_parser::MessageParser;

/// The mail as it was sent, with its two parts decoded so that they can be read here.
fn readable(raw: &[u8]) -> String {
    let text = std::str::from_utf8(raw).unwrap();
    assert!(text.is_ascii(), "everything on the wire is 7-bit");
    let (headers, _) = text.split_once("\r\n\r\n").unwrap();
    let message = MessageParser::default().parse(raw).unwrap();
    let (plain, html) = (message.body_text(0).unwrap(), message.body_html(0).unwrap());
    format!("{headers}\n\nSubject, decoded: {}\n\n{plain}\n\n{html}", message.subject().unwrap())
        .replace("\r\n", "\n")
}

#[test]
fn every_letter_reads_well_in_both_languages() {
    let renderer = Renderer::new().unwrap();
    for language in Language::ALL {
        for (number, (name, letter)) in (1_u64..).zip(letters()) {
            let head = head(language);
            let mut posting = posting(number, "hanako@example.jp");
            posting.thread = Some(head.msg_id(mail_id(1)));
            let mail = compose(&renderer.render(&letter, &head).unwrap(), &head, &posting).unwrap();
            insta::assert_snapshot!(format!("{name}.{language}"), readable(mail.raw.expose()));
        }
    }
}
