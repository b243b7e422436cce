//! The SMTP server against lettre, in all its modes.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

use std::time::{Duration, Instant};

use habeas_test_support::{Refusal, SmtpMode, SmtpSink, mailbox};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

/// Longer than anything that is expected to happen.
const LIMIT: Duration = Duration::from_mins(1);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

fn transport(sink: &SmtpSink) -> Transport {
    Transport::builder_dangerous(sink.host()).port(sink.port()).timeout(Some(LIMIT)).build()
}

fn mail(to: &str) -> Message {
    let builder = Message::builder().from("privacy@example.com".parse().unwrap()).to(to.parse().unwrap());
    builder.subject("受付").body(".dots\r\n..more\r\nCode 12345678".to_owned()).unwrap()
}

#[tokio::test]
async fn mails_arrive_whole() {
    let sink = SmtpSink::start().await.unwrap();
    transport(&sink).send(mail("hana@example.jp")).await.unwrap();
    let mails = sink.wait_for(|mails| mails.len() == 1, LIMIT).await.unwrap();
    assert_eq!(mails[0].from, "privacy@example.com");
    assert_eq!(mails[0].to, ["hana@example.jp"]);
    assert!(mails[0].acknowledged);
    let read = mailbox::in_sink(&sink, "Hana@example.jp").unwrap().remove(0);
    assert_eq!(read.subject, "受付");
    assert_eq!(read.code().unwrap(), "12345678");
    assert!(read.text.starts_with(".dots\r\n..more"), "{:?}", read.text);
    let missing = sink.wait_for(|mails| mails.len() == 2, Duration::from_millis(50)).await.unwrap_err();
    assert!(missing.to_string().contains("受付"), "{missing}");
}

#[tokio::test]
async fn many_connections_carry_many_mails() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = transport(&sink);
    let sending = (0..20).map(|n| {
        let transport = transport.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                transport.send(mail(&format!("p{n}@example.com"))).await.unwrap();
            }
        })
    });
    for task in sending.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(sink.count(), 1000);
    assert_eq!(sink.mails_to("p7@example.com").len(), 50);
    sink.clear();
    assert_eq!(sink.count(), 0);
}

#[tokio::test]
async fn recipients_are_refused_as_told() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = transport(&sink);
    sink.refuse("Never@example.com", Refusal::Permanent);
    sink.refuse("later@example.com", Refusal::Temporary);
    assert!(transport.send(mail("never@example.com")).await.unwrap_err().is_permanent());
    assert!(transport.send(mail("later@example.com")).await.unwrap_err().is_transient());
    sink.accept("later@example.com");
    transport.send(mail("later@example.com")).await.unwrap();
    sink.set_mode(SmtpMode::Permanent);
    assert!(transport.send(mail("a@example.com")).await.unwrap_err().is_permanent());
    sink.set_mode(SmtpMode::Temporary);
    assert!(transport.send(mail("a@example.com")).await.unwrap_err().is_transient());
    assert_eq!(sink.count(), 1);
}

#[tokio::test]
async fn a_server_that_is_down_comes_back() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = transport(&sink);
    transport.send(mail("a@example.com")).await.unwrap();
    sink.set_mode(SmtpMode::Down);
    assert!(transport.send(mail("a@example.com")).await.is_err());
    sink.set_mode(SmtpMode::Accept);
    habeas_test_support::wait::until("a mail to pass", LIMIT, || async {
        transport.send(mail("a@example.com")).await.is_ok()
    })
    .await
    .unwrap();
    assert_eq!(sink.count(), 2);
}

#[tokio::test]
async fn a_black_hole_answers_nothing() {
    let sink = SmtpSink::start().await.unwrap();
    sink.set_mode(SmtpMode::BlackHole);
    // lettre's own time limit covers only the connecting.
    let transport = transport(&sink);
    let sending = tokio::time::timeout(Duration::from_millis(300), transport.send(mail("a@example.com")));
    assert!(sending.await.is_err());
    assert_eq!(sink.count(), 0);
}

#[tokio::test]
async fn data_is_kept_though_the_sender_is_not_told() {
    let sink = SmtpSink::start().await.unwrap();
    sink.set_mode(SmtpMode::DropAfterData);
    assert!(transport(&sink).send(mail("a@example.com")).await.is_err());
    assert_eq!(sink.count(), 1);
    assert!(!sink.mails()[0].acknowledged);
}

#[tokio::test]
async fn a_slow_server_takes_its_time() {
    let sink = SmtpSink::start().await.unwrap();
    sink.set_mode(SmtpMode::Slow(Duration::from_millis(40)));
    let start = Instant::now();
    transport(&sink).send(mail("a@example.com")).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(160), "greeting, EHLO, MAIL, RCPT");
}

#[tokio::test]
async fn a_login_is_asked_for_and_checked() {
    let sink = SmtpSink::start_with_login("habeas", "secret").await.unwrap();
    assert!(transport(&sink).send(mail("a@example.com")).await.is_err());
    for (mechanism, password, accepted) in [
        (Mechanism::Plain, "secret", true),
        (Mechanism::Login, "secret", true),
        (Mechanism::Plain, "wrong", false),
        (Mechanism::Login, "wrong", false),
    ] {
        let transport = Transport::builder_dangerous(sink.host())
            .port(sink.port())
            .credentials(Credentials::new("habeas".to_owned(), password.to_owned()))
            .authentication(vec![mechanism])
            .build();
        assert_eq!(transport.send(mail("a@example.com")).await.is_ok(), accepted, "{mechanism:?} {password}");
    }
    assert_eq!(sink.count(), 2);
}
