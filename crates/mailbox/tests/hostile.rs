//! Mails that break the rules or mean harm. Each is read on a thread with the stack of a worker, and ends as something.

#![expect(clippy::expect_used, reason = "a helper of tests may fail the test")]

use std::sync::LazyLock;

use habeas_domain::{EmailAddress, received_mail::Verdict};
use habeas_mailbox::{Limits, Reader, ReaderOptions, Understanding, understand};
use proptest::prelude::*;

/// The stack of a thread that the runtime starts.
const STACK: usize = 2 << 20;

static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(ReaderOptions::default()).expect("a reader"));

fn reader() -> Reader {
    READER.clone()
}

fn read(raw: Vec<u8>) -> Understanding {
    let reader = reader();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let read = understand(&raw, &reader);
        check(&read);
        read
    });
    thread.expect("a thread").join().expect("no panic and no overflow")
}

/// What holds for each mail, whatever it is.
fn check(read: &Understanding) {
    let limits = Limits::default();
    assert!(!read.reason.is_empty());
    assert!(read.text.expose().len() <= limits.text_bytes);
    assert!(read.subject.expose().chars().count() <= 1_000);
    for count in
        [read.identifiers.len(), read.recipients.len(), read.references.len(), read.attachments.len()]
    {
        assert!(count <= limits.listed);
    }
    for text in [read.text.expose(), read.subject.expose()] {
        assert!(!text.contains(['\0', '\u{1b}', '\u{202e}', '\u{200b}', '\r']));
    }
    let written = serde_json::to_string(read).expect("it can be written");
    let back: Understanding = serde_json::from_str(&written).expect("it can be read");
    assert_eq!(&back, read);
}

const ASKS: &str = "Please delete my account and all my data.";

#[test]
fn a_mail_of_thirty_megabytes_is_understood() {
    let mut raw = format!(
        "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{ASKS}\r\n--b\r\n\
         Content-Type: application/octet-stream; name=big.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    .into_bytes();
    while raw.len() < 30 << 20 {
        raw.extend_from_slice(
            b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\r\n",
        );
    }
    raw.extend_from_slice(b"\r\n--b--\r\n");
    let read = read(raw);
    assert_eq!(read.verdict, Verdict::Request);
    assert!(read.attachments[0].bytes > 20 << 20);
}

#[test]
fn a_text_of_thirty_megabytes_is_read_at_its_beginning() {
    let mut raw = format!("From: a@example.com\n\n{ASKS}\n").into_bytes();
    raw.resize(30 << 20, b'x');
    let read = read(raw);
    assert_eq!(read.verdict, Verdict::Request);
    assert!(read.remarks.iter().any(|remark| remark.contains("longer")));
}

#[test]
fn a_mail_beyond_the_limit_is_parked_with_its_sender() {
    let mut raw = b"From: a@example.com\nMessage-ID: <x@example.com>\n\n".to_vec();
    raw.resize(Limits::default().mail_bytes + 1, b'x');
    let read = read(raw);
    assert_eq!(read.verdict, Verdict::Parked);
    assert!(read.sender.address.is_some() && read.message_id.is_some());
}

#[test]
fn a_header_of_a_megabyte_is_read() {
    let line = format!("X-Filler: {}\r\n", "y".repeat(70));
    for long in [
        format!("Subject: {}\r\n", "=?utf-8?q?a".repeat(95_000)),
        format!("Subject: {}\r\n", "=?=?=?=?".repeat(130_000)),
        format!("To: {}\r\n", "a@example.com, ".repeat(70_000)),
        format!("References: {}\r\n", "<a@example.com> ".repeat(65_000)),
        format!("Content-Type: text/plain; {}\r\n", "a=b; ".repeat(200_000)),
        format!("From: {}\r\n", "(".repeat(1 << 20)),
        format!("X-Folded: {}\r\n", "\r\n a".repeat(260_000)),
        line.repeat(13_000),
    ] {
        let raw = format!("{long}From: b@example.com\r\n\r\n{ASKS}\r\n");
        let read = read(raw.into_bytes());
        assert_eq!(read.verdict, Verdict::Request, "{}", &long[..30]);
    }
}

#[test]
fn five_thousand_parts_are_read_and_more_are_parked() {
    for (parts, verdict) in [(4_900, Verdict::Request), (50_000, Verdict::Parked)] {
        let mut raw =
            format!("From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n{ASKS}\n");
        raw.push_str(&"--b\nContent-Type: image/png\n\nx\n".repeat(parts));
        assert_eq!(read(raw.into_bytes()).verdict, verdict, "{parts} parts");
    }
}

fn nested(depth: usize) -> String {
    let level = |level: usize| format!("Content-Type: multipart/mixed; boundary=x{level}y\n\n--x{level}y\n");
    let levels: String = (0..depth).map(level).collect();
    format!("From: a@example.com\n{levels}\n{ASKS}")
}

#[test]
fn two_hundred_levels_are_read_and_more_are_parked() {
    assert_eq!(read(nested(200).into_bytes()).verdict, Verdict::Request);
    assert_eq!(read(nested(201).into_bytes()).verdict, Verdict::Parked);
    assert_eq!(read(nested(50_000).into_bytes()).verdict, Verdict::Parked);
}

#[test]
fn mails_within_mails_end_nothing() {
    let inner = "Content-Type: message/rfc822\n\n".repeat(200_000);
    read(format!("From: a@example.com\n{inner}{ASKS}").into_bytes());
    let digest = "Content-Type: multipart/digest; boundary=b\n\n--b\n\n".repeat(20_000);
    read(format!("From: a@example.com\n{digest}{ASKS}").into_bytes());
}

#[test]
fn each_byte_alone_and_all_together_end_as_something() {
    for byte in 0..=u8::MAX {
        read(vec![byte]);
        read([b"Subject: ".as_slice(), &[byte; 40], b"\n\n", &[byte; 40]].concat());
    }
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for label in [
        "utf-8",
        "iso-2022-jp",
        "shift_jis",
        "euc-jp",
        "utf-7",
        "utf-16",
        "gb18030",
        "hz-gb-2312",
        "big5",
        "x-nothing",
    ] {
        let head = format!("Content-Type: text/plain; charset={label}\n\n");
        read([head.as_bytes(), &all.repeat(50)].concat());
    }
}

#[test]
fn empty_and_nearly_empty_mails_are_parked() {
    for raw in ["", "\n", "\r\n\r\n", "   ", "From: a@example.com\n\n", "Subject:\n\n"] {
        assert_eq!(read(raw.as_bytes().to_vec()).verdict, Verdict::Parked, "{raw:?}");
    }
}

#[test]
fn broken_encodings_are_read_as_far_as_they_go() {
    let truncated = "From: a@example.com\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n\
                     UGxlYXNlIGRlbGV0ZSBteSBhY2NvdW50IGFuZCBhbGwgbXkgZGF0YS4gVGhhbmtz";
    for cut in 0..9 {
        let raw = truncated.as_bytes();
        assert_eq!(read(raw[..raw.len() - cut].to_vec()).verdict, Verdict::Request, "cut by {cut}");
    }
}

#[test]
fn strange_dates_are_no_dates() {
    for (date, is_one) in [
        ("Fri, 01 Jan 1904 00:00:00 +0000", false),
        ("Fri, 1 Mar 2024 12:00", true),
        ("Fri, 1 Mar 2024 12:00:00", true),
        ("32 Foo 20244 99:99:99 +9999", false),
        ("Thu, 1 Jan 1970 00:00:00 +0000", false),
    ] {
        let read = read(format!("Date: {date}\nFrom: a@example.com\n\n{ASKS}").into_bytes());
        assert_eq!(read.sent_at.is_some(), is_one, "{date}");
        assert_eq!(read.verdict, Verdict::Request);
    }
}

#[test]
fn hidden_and_decoded_senders_are_not_believed() {
    for from in [
        "From: \"ceo@example.com\" <x@example.net>",
        "From: =?utf-8?Q?ceo=40example=2Ecom_=3Cceo=40example=2Ecom=3E?= <x@example.net>",
        "From: ceo@example.com <x@example.net>",
    ] {
        let read = read(format!("{from}\n\n{ASKS}").into_bytes());
        assert_eq!(read.sender.address.as_ref().map(EmailAddress::as_str), Some("x@example.net"), "{from}");
    }
    for from in ["From: a@example.com, b@example.com", "From: a@example.com\nFrom: b@example.com"] {
        let read = read(format!("{from}\n\n{ASKS}").into_bytes());
        assert_eq!(read.sender.address, None, "two senders are none");
    }
}

#[test]
fn invisible_letters_hide_no_words() {
    let read = read("From: a@example.com\nContent-Type: text/plain; charset=utf-8\n\nPle\u{200b}ase del\u{ad}ete m\u{2060}y account and da\u{200d}ta".as_bytes().to_vec());
    assert_eq!(read.verdict, Verdict::Request);
}

static CORPUS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let folders = std::fs::read_dir(root).expect("the corpus").map(|folder| folder.expect("a folder").path());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).expect("a folder"));
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a mail")).collect()
});

/// One change to the bytes of a mail.
fn mutate(raw: &mut Vec<u8>, (kind, at, byte, length): (u8, usize, u8, usize)) {
    let at = at % (raw.len() + 1);
    let end = (at + length % 200).min(raw.len());
    match kind % 5 {
        0 => raw.insert(at, byte),
        1 => raw.truncate(at),
        2 => drop(raw.drain(at..end)),
        3 => {
            let piece = raw[at..end].to_vec();
            raw.splice(at..at, piece);
        }
        _ => {
            if let Some(own) = raw.get_mut(at) {
                *own = byte;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn arbitrary_bytes_end_as_something(raw in prop::collection::vec(any::<u8>(), 0..3_000)) {
        check(&understand(&raw, &reader()));
    }

    #[test]
    fn changed_mails_end_as_something(
        number in any::<prop::sample::Index>(),
        changes in prop::collection::vec(any::<(u8, usize, u8, usize)>(), 1..20),
    ) {
        let mut raw = number.get(&CORPUS).clone();
        for change in changes {
            mutate(&mut raw, change);
        }
        check(&understand(&raw, &reader()));
    }

    #[test]
    fn mail_like_texts_end_as_something(raw in r"((From|To|Subject|Date|Content-Type|Received): [ -~]{0,60}\n){0,6}\n(--[a-c]{0,2}(--)?\n|[ -~ぁ-ん一-龠]{0,40}\n|> [a-z ]{0,20}\n|\n){0,20}") {
        check(&understand(raw.as_bytes(), &reader()));
    }
}
