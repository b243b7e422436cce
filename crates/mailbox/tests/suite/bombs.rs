//! Mails that break the rules or mean harm, from the folder in which they arrive to what becomes of them: each is kept byte by
//! byte, ends as something with a reason, and takes little memory.

use std::{io::Write as _, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::NaiveDate;
use habeas_domain::{RequestId, received_mail::ReceivedMailState};
use habeas_ledger::Accepted;
use habeas_mailbox::{
    Reader, ReaderOptions,
    source::{
        Bell,
        folder::{FolderOptions, FolderReader},
    },
    understand,
    worker::{ActOptions, Intake, MailWorker, NotTaken, Ports, TakenMail},
};
use tokio_util::sync::CancellationToken;

use crate::bed::{Bed, write};

/// Takes everything, as the reception of the daemon would.
struct TakesAll;

#[async_trait]
impl Intake for TakesAll {
    async fn take(&self, _: TakenMail) -> Result<Accepted, NotTaken> {
        let id: RequestId = "0193b5c0-0000-7000-8000-000000000001".parse().unwrap();
        let due_on = NaiveDate::from_ymd_opt(2030, 1, 1).unwrap();
        Ok(Accepted { id, reference: id.reference(), due_on, duplicate_of: None, repeated: false })
    }
}

const HEAD: &str = "From: a@example.com\r\nMIME-Version: 1.0\r\n";
const ASKS: &str = "Please delete my account and all my data.";

/// 64 MiB of nothing in 64 KiB.
fn zip_bomb() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("nothing.txt", options).unwrap();
    for _ in 0..64 {
        archive.write_all(&vec![0; 1024 * 1024]).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn attached(kind: &str, name: &str, bytes: &[u8]) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let body = STANDARD.encode(bytes);
    format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{ASKS}\r\n--b\r\nContent-Type: {kind}; name=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b--\r\n"
    )
    .into_bytes()
}

/// A mail in a mail in a mail, each in base64.
fn matryoshka(levels: usize) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let mut inner = format!("{HEAD}\r\n{ASKS}\r\n").into_bytes();
    for _ in 0..levels {
        let head = format!("{HEAD}Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        inner = [head.into_bytes(), STANDARD.encode(&inner).into_bytes()].concat();
    }
    inner
}

fn laughs() -> String {
    let entity = |n: usize| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let entities: String = (1..12).map(entity).collect();
    format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{entities}]><x>&l11;</x>")
}

fn html(body: &str) -> Vec<u8> {
    format!("{HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n").into_bytes()
}

fn text(head: &str, body: &[u8]) -> Vec<u8> {
    [HEAD.as_bytes(), head.as_bytes(), b"\r\n", body].concat()
}

/// Each with a name that tells which it was.
fn mails() -> Vec<(String, Vec<u8>)> {
    let named = bombs().into_iter().chain(without_end()).chain(broken());
    let mut mails: Vec<(String, Vec<u8>)> = named.map(|(name, raw)| (name.to_owned(), raw)).collect();
    mails.extend((0..=u8::MAX).map(|byte| (format!("nothing but {byte:#04x}"), vec![byte; 200])));
    mails
}

/// What grows when it is unpacked, or does something when it is shown.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("zip bomb", attached("application/zip", "42.zip", &zip_bomb())),
        ("zip bomb that says it is a picture", attached("image/png", "a.png", &zip_bomb())),
        ("mails in mails in base64", matryoshka(25)),
        ("a billion laughs in XML", attached("text/xml", "a.xml", laughs().as_bytes())),
        ("a billion laughs in HTML", html(&format!("{}{ASKS}", laughs()))),
        (
            "a script and an entity",
            html(&format!("<script>alert(1)</script><!ENTITY e SYSTEM \"file:///etc/passwd\">&e;{ASKS}")),
        ),
        ("names that climb", attached("application/pdf", "../../etc/cron.d/x", b"%PDF-1.4")),
    ]
}

/// Tags, quotations, parts, levels and headers without end.
fn without_end() -> Vec<(&'static str, Vec<u8>)> {
    let level = |n: u32| format!("Content-Type: multipart/mixed; boundary=x{n}y\n\n--x{n}y\n");
    let levels: String = (0..200).map(level).collect();
    vec![
        ("tags without end", html(&format!("{}{ASKS}", "<div>".repeat(200_000)))),
        ("quotations without end", text("", format!("{} {ASKS}", ">".repeat(200_000)).as_bytes())),
        (
            "parts that are cut",
            text(
                "Content-Type: multipart/mixed; boundary=b\r\n",
                format!("\r\n--b\r\n\r\n{ASKS}").as_bytes(),
            ),
        ),
        (
            "five thousand parts",
            text(
                "Content-Type: multipart/mixed; boundary=b\r\n",
                format!("\r\n--b\n\n{ASKS}\n{}", "--b\nContent-Type: image/png\n\nx\n".repeat(5_000))
                    .as_bytes(),
            ),
        ),
        (
            "fifty thousand parts",
            text("Content-Type: multipart/mixed; boundary=b\r\n", "--b\n\nx\n".repeat(50_000).as_bytes()),
        ),
        ("two hundred levels", format!("{HEAD}{levels}\n{ASKS}").into_bytes()),
        ("a header of a megabyte", text(&format!("X-Long: {}\r\n", "y".repeat(1 << 20)), ASKS.as_bytes())),
    ]
}

/// What is not as it should be, or says that it is something else.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    vec![
        ("nothing", Vec::new()),
        ("every byte", text("", &all.repeat(20))),
        (
            "another charset than it says",
            text("Content-Type: text/plain; charset=utf-16\r\n", ASKS.as_bytes()),
        ),
        (
            "a charset that is none",
            text("Content-Type: text/plain; charset=\"x-\u{0}\"\r\n", ASKS.as_bytes()),
        ),
        (
            "base64 that is cut",
            text(
                "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n",
                b"\r\nUGxlYXNlIGRlbGV0ZSBteSBhY2NvdW50IGFuZCBhbGwgbXkgZGF0Y",
            ),
        ),
        ("in 1904", text("Date: Fri, 01 Jan 1904 00:00:00 +0000\r\n", ASKS.as_bytes())),
        ("at no zone", text("Date: Fri, 1 Mar 2024 12:00\r\n", ASKS.as_bytes())),
        ("line ends of the Macintosh", text("", ASKS.replace(' ', "\r").as_bytes())),
        ("From in the body", text("", format!("{ASKS}\nFrom here on nothing follows.\n").as_bytes())),
        ("no sender", format!("Subject: x\r\n\r\n{ASKS}").into_bytes()),
    ]
}

/// The highest resident size of this process so far, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_kept_whole_ends_as_something_and_takes_little_memory() {
    let bed = Bed::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mails = mails();
    for (number, (_, raw)) in mails.iter().enumerate() {
        write(folder.path(), &format!("{number:04}.eml"), raw);
    }
    let reader = Reader::new(ReaderOptions::default()).unwrap();
    let ports = Ports {
        reads: Arc::new(move |raw: &[u8]| understand(raw, &reader)),
        intake: Arc::new(TakesAll),
        authenticates: None,
        threads: None,
        bounces: None,
    };
    let worker =
        MailWorker::new(bed.ledger.clone(), ports, ActOptions::default(), Bell::default(), Bell::default());
    let before = peak();
    let options = FolderOptions {
        name: "folder".to_owned(),
        folder: folder.path().to_owned(),
        poll: Duration::from_millis(20),
        max_bytes: 40_000_000,
        keep: false,
    };
    FolderReader::open(options, bed.ledger.clone(), Bell::default()).unwrap().round().await.unwrap();
    let running = CancellationToken::new();
    while worker.round(&running).await.unwrap() > 0 {}
    let grown = peak() - before;
    assert!(grown < 100, "{grown} MiB more");

    let stored = bed.mails().await;
    assert_eq!(stored.len(), mails.len(), "each is kept, and none twice");
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for mail in &stored {
        let raw = bed.ledger.raw_mail(mail.id).await.unwrap();
        let name = mails.iter().find(|(_, known)| known == raw.expose()).map(|(name, _)| name);
        assert!(name.is_some(), "{} bytes that nobody sent", raw.expose().len());
        let ended = [
            ReceivedMailState::Request,
            ReceivedMailState::Proposal,
            ReceivedMailState::Parked,
            ReceivedMailState::Ignored,
        ];
        let reason = mail.reason.as_deref().unwrap_or_default();
        let told = mail.state == ReceivedMailState::Request || !reason.is_empty();
        assert!(ended.contains(&mail.state) && told, "{name:?}: {:?} {reason}", mail.state);
        kept.push(raw.expose().clone());
    }
    kept.sort();
    let mut sent: Vec<Vec<u8>> = mails.into_iter().map(|(_, raw)| raw).collect();
    sent.sort();
    assert!(kept == sent, "byte by byte");
}
