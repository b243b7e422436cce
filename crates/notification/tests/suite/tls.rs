//! TLS to a server whose certificate comes from an authority of our own.

use std::{sync::Arc, time::Duration};

use habeas_notification::{
    SmtpTransport, Transport as _, TransportError,
    transport::smtp::{SmtpLimits, SmtpLogin, SmtpOptions, SmtpSecurity},
};
use habeas_test_support::SmtpSink;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::common::outgoing;

/// TLS in front of a plain SMTP server; forwards everything inside.
struct TlsFront {
    port: u16,
    root: Vec<u8>,
    task: JoinHandle<()>,
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn front(sink: &SmtpSink, security: SmtpSecurity) -> TlsFront {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (acceptor, sink) = (TlsAcceptor::from(Arc::new(config)), (sink.host(), sink.port()));
    let task = tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            // A client that does not trust us hangs up; that ends its conversation alone.
            tokio::spawn(serve(client, acceptor.clone(), sink, security));
        }
    });
    TlsFront { port, root: cert.pem().into_bytes(), task }
}

async fn serve(
    mut client: TcpStream,
    tls: TlsAcceptor,
    sink: (&str, u16),
    security: SmtpSecurity,
) -> Option<()> {
    let mut server = TcpStream::connect(sink).await.ok()?;
    if security == SmtpSecurity::StartTls {
        client.write_all(b"220 front\r\n").await.ok()?;
        let mut lines = BufReader::new(&mut client);
        let mut line = String::new();
        lines.read_line(&mut line).await.ok()?;
        lines.get_mut().write_all(b"250-front\r\n250 STARTTLS\r\n").await.ok()?;
        lines.read_line(&mut line).await.ok()?;
        assert!(line.ends_with("STARTTLS\r\n"), "nothing but STARTTLS is said in the open: {line}");
        lines.get_mut().write_all(b"220 go ahead\r\n").await.ok()?;
        // The client does not expect a second greeting.
        while server.read_u8().await.ok()? != b'\n' {}
    }
    let mut client = tls.accept(client).await.ok()?;
    copy_bidirectional(&mut client, &mut server).await.ok()?;
    Some(())
}

fn transport(front: &TlsFront, security: SmtpSecurity, trusted: bool) -> SmtpTransport {
    SmtpTransport::new(SmtpOptions {
        host: "localhost".to_owned(),
        port: front.port,
        security,
        allow_plaintext_to: None,
        login: Some(SmtpLogin { user: "habeas".to_owned(), password: "secret".to_owned() }),
        hello: Some("habeas.test".to_owned()),
        extra_root: trusted.then(|| front.root.clone()),
        connections: 1,
        limits: SmtpLimits { connect: Duration::from_secs(5), ..SmtpLimits::default() },
    })
    .unwrap()
}

#[tokio::test]
async fn mails_and_passwords_travel_inside_tls() {
    let sink = SmtpSink::start_with_login("habeas", "secret").await.unwrap();
    for security in [SmtpSecurity::Tls, SmtpSecurity::StartTls] {
        let front = front(&sink, security).await;
        let transport = transport(&front, security, true);
        transport.send(&outgoing(1, "hanako@example.jp")).await.unwrap();
        transport.send(&outgoing(2, "hanako@example.jp")).await.unwrap();
    }
    assert_eq!(sink.count(), 4);
}

#[tokio::test]
async fn a_certificate_from_nobody_we_trust_is_refused() {
    let sink = SmtpSink::start_with_login("habeas", "secret").await.unwrap();
    for security in [SmtpSecurity::Tls, SmtpSecurity::StartTls] {
        let front = front(&sink, security).await;
        let error =
            transport(&front, security, false).send(&outgoing(1, "hanako@example.jp")).await.unwrap_err();
        assert!(matches!(error, TransportError::Tls { .. }), "{error:?}");
    }
    assert_eq!(sink.count(), 0);
}
