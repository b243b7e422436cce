//! TLS to a server whose certificate comes from an authority of our own.

use std::time::Duration;

use habeas_notification::{
    SmtpTransport, Transport as _, TransportError,
    transport::smtp::{SmtpLimits, SmtpLogin, SmtpOptions, SmtpSecurity},
};
use habeas_test_support::{Certificate, SmtpSink, TlsFront, TlsMode};

use crate::common::outgoing;

const HANAKO: &str = "hanako@example.jp";
const BOTH: [(TlsMode, SmtpSecurity); 2] =
    [(TlsMode::Tls, SmtpSecurity::Tls), (TlsMode::StartTls, SmtpSecurity::StartTls)];

async fn server() -> SmtpSink {
    SmtpSink::start_with_login("habeas", "secret").await.unwrap()
}

async fn front(sink: &SmtpSink, mode: TlsMode) -> TlsFront {
    TlsFront::start(format!("{}:{}", sink.host(), sink.port()), mode).await.unwrap()
}

fn options(front: &TlsFront, security: SmtpSecurity) -> SmtpOptions {
    SmtpOptions {
        host: front.host().to_owned(),
        port: front.port(),
        security,
        allow_plaintext_to: None,
        login: Some(SmtpLogin { user: "habeas".to_owned(), password: "secret".to_owned() }),
        hello: Some("habeas.test".to_owned()),
        extra_root: Some(front.authority().into_bytes()),
        connections: 1,
        limits: SmtpLimits { connect: Duration::from_secs(30), ..SmtpLimits::default() },
    }
}

fn transport(front: &TlsFront, security: SmtpSecurity) -> SmtpTransport {
    SmtpTransport::new(options(front, security)).unwrap()
}

/// Nothing of the login, the person or the mail.
fn heard_nothing(front: &TlsFront) {
    let heard = front.heard();
    let harmless = |line: &String| {
        line.starts_with("EHLO habeas.test") || line.starts_with("STARTTLS") || line.starts_with("QUIT")
    };
    assert_eq!(heard.iter().find(|line| !harmless(line)), None, "{heard:?}");
}

#[tokio::test]
async fn mails_and_passwords_travel_inside_tls() {
    let sink = server().await;
    for (mode, security) in BOTH {
        let front = front(&sink, mode).await;
        let transport = transport(&front, security);
        transport.send(&outgoing(1, HANAKO)).await.unwrap();
        transport.send(&outgoing(2, HANAKO)).await.unwrap();
        heard_nothing(&front);
    }
    assert_eq!(sink.count(), 4);
}

#[tokio::test]
async fn a_server_that_wants_a_login_gets_no_mail_without_it() {
    let sink = server().await;
    for (mode, security) in BOTH {
        let front = front(&sink, mode).await;
        for login in [None, Some(SmtpLogin { user: "habeas".to_owned(), password: "wrong".to_owned() })] {
            let transport = SmtpTransport::new(SmtpOptions { login, ..options(&front, security) }).unwrap();
            let error = transport.send(&outgoing(1, HANAKO)).await.unwrap_err();
            assert!(matches!(error, TransportError::LoginRefused), "{error:?}");
        }
    }
    assert_eq!(sink.count(), 0);
}

#[tokio::test]
async fn a_certificate_that_proves_nothing_is_refused() {
    let sink = server().await;
    for (mode, security) in BOTH {
        let front = front(&sink, mode).await;
        for wrong in [Certificate::Stranger, Certificate::OtherHost, Certificate::Expired] {
            front.show(wrong).unwrap();
            let error = transport(&front, security).send(&outgoing(1, HANAKO)).await.unwrap_err();
            assert!(matches!(error, TransportError::Tls { .. }), "{wrong:?}: {error:?}");
        }
        front.show(Certificate::Good).unwrap();
        let untrusting = SmtpOptions { extra_root: None, ..options(&front, security) };
        let error = SmtpTransport::new(untrusting).unwrap().send(&outgoing(1, HANAKO)).await.unwrap_err();
        assert!(matches!(error, TransportError::Tls { .. }), "{error:?}");
        heard_nothing(&front);
    }
    assert_eq!(sink.count(), 0);
}

#[tokio::test]
async fn an_offer_of_tls_that_was_taken_away_stops_the_mail() {
    let sink = server().await;
    let front = front(&sink, TlsMode::Stripped).await;
    let error = transport(&front, SmtpSecurity::StartTls).send(&outgoing(1, HANAKO)).await.unwrap_err();
    assert!(matches!(error, TransportError::Tls { .. }), "{error:?}");
    heard_nothing(&front);
    assert_eq!(sink.count(), 0);
    // The man in the middle lets the same mail through when nobody asks for TLS: he is real.
    let careless = SmtpOptions {
        allow_plaintext_to: Some("localhost".to_owned()),
        ..options(&front, SmtpSecurity::Plain)
    };
    SmtpTransport::new(careless).unwrap().send(&outgoing(1, HANAKO)).await.unwrap();
    assert_eq!(sink.count(), 1);
}

/// A reply that came before TLS began would shift every later reply by one, and a mail would count as handed over
/// before the server has said so.
#[tokio::test]
async fn a_reply_slipped_in_before_tls_cannot_answer_for_the_server() {
    let sink = SmtpSink::start().await.unwrap();
    let front = front(&sink, TlsMode::Injected).await;
    for login in [None, options(&front, SmtpSecurity::StartTls).login] {
        let options = SmtpOptions { login, ..options(&front, SmtpSecurity::StartTls) };
        let error = SmtpTransport::new(options).unwrap().send(&outgoing(1, HANAKO)).await.unwrap_err();
        assert_eq!(error.to_fault().retry, habeas_domain::Retry::Later, "{error:?}");
    }
    assert_eq!(sink.count(), 0);
}
