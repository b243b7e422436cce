//! A little world: a name server, keys made for the test, and the mails that go through it.

use std::time::Duration;

use habeas_domain::Personal;
use habeas_mailbox::authentication::{
    Authenticated, AuthenticationOptions, Authenticator, Delivery, Dns, DnsLimits,
};
use habeas_test_support::DnsServer;
use mail_auth::{
    AuthenticatedMessage, AuthenticationResults, MessageAuthenticator,
    arc::ArcSealer,
    common::{crypto::Ed25519Key, headers::HeaderWriter},
    dkim::DkimSigner,
};

/// The sender's domain in these tests.
pub(crate) const DOMAIN: &str = "example.jp";
/// A stranger's.
pub(crate) const ATTACKER: &str = "attacker.test";
pub(crate) const MAIL_SERVER: &str = "203.0.113.5";

pub(crate) struct World {
    pub(crate) dns: DnsServer,
    pub(crate) options: AuthenticationOptions,
    pub(crate) limits: DnsLimits,
}

impl World {
    pub(crate) async fn new() -> Self {
        let options = AuthenticationOptions {
            authserv_ids: vec!["mx.example.com".to_owned()],
            ..AuthenticationOptions::default()
        };
        let limits =
            DnsLimits { question: Duration::from_secs(20), attempts: 1, whole: Duration::from_mins(1) };
        Self { dns: DnsServer::start().await.unwrap(), options, limits }
    }

    /// A world in which the sender's domain has this DMARC record.
    pub(crate) async fn with_policy(record: &str) -> Self {
        let world = Self::new().await;
        world.dns.txt(&format!("_dmarc.{DOMAIN}"), record);
        world
    }

    /// The same authenticator for several mails.
    pub(crate) fn authenticator(&self) -> Authenticator {
        let dns = Dns::servers(&[self.dns.address()], self.limits).unwrap();
        Authenticator::new(self.options.clone(), Some(dns))
    }

    pub(crate) async fn judge(&self, mail: &str) -> Authenticated {
        self.authenticator().authenticate(mail.as_bytes(), None).await
    }

    pub(crate) async fn judge_from(&self, mail: &str, client: &str, mail_from: &str) -> Authenticated {
        self.authenticator().authenticate(mail.as_bytes(), Some(&delivery(client, mail_from))).await
    }

    /// A new key of `domain`, published under the selector `s1`.
    pub(crate) fn key(&self, domain: &str) -> Ed25519Key {
        let pkcs8 = Ed25519Key::generate_pkcs8().unwrap();
        let key = Ed25519Key::from_pkcs8_der(&pkcs8).unwrap();
        self.publish(domain, "ed25519", &key.public_key());
        key
    }

    pub(crate) fn publish(&self, domain: &str, kind: &str, public: &[u8]) {
        let record = format!("v=DKIM1; k={kind}; p={}", base64(public));
        self.dns.txt(&format!("s1._domainkey.{domain}"), &record);
    }

    /// A forwarder takes the mail, judges it, changes it and seals what it found (RFC 8617).
    pub(crate) async fn forwarded(&self, mail: &str, forwarder: &str) -> String {
        let (config, options) = (self.dns.address(), forwarder);
        let key = self.key(options);
        let resolver = resolver(config);
        let found = AuthenticatedMessage::parse(mail.as_bytes()).unwrap();
        let chain = resolver.verify_arc(&found).await;
        let dmarc = format!("mx.{forwarder}; dmarc=pass header.from={DOMAIN}");
        let changed = mail.replace("\r\n\r\n", "\r\n\r\n[list footer]\r\n");
        let message = AuthenticatedMessage::parse(changed.as_bytes()).unwrap();
        let results = AuthenticationResults::new(&dmarc);
        let set = ArcSealer::from_key(key)
            .domain(forwarder)
            .selector("s1")
            .headers(["From", "Subject"])
            .seal(&message, &results, &chain)
            .unwrap();
        format!("{}{changed}", set.to_header())
    }
}

fn resolver(server: std::net::SocketAddr) -> MessageAuthenticator {
    use mail_auth::hickory_resolver::config::{
        ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts,
    };
    let mut udp = ConnectionConfig::udp();
    udp.port = server.port();
    let servers = vec![NameServerConfig::new(server.ip(), true, vec![udp])];
    MessageAuthenticator::new(ResolverConfig::from_name_servers(servers), ResolverOpts::default()).unwrap()
}

pub(crate) fn delivery(client: &str, mail_from: &str) -> Delivery {
    Delivery {
        client: Personal::new(client.parse().unwrap()),
        helo: Personal::new("mail.example.jp".to_owned()),
        mail_from: Personal::new(mail_from.to_owned()),
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A mail as its writer sends it.
pub(crate) fn mail() -> String {
    mail_from("Hanako Yamada <hanako@example.jp>")
}

pub(crate) fn mail_from(from: &str) -> String {
    format!(
        "From: {from}\r\nTo: privacy@example.com\r\nSubject: My data\r\nDate: Mon, 3 Mar 2025 09:00:00 +0000\r\n\
         Message-ID: <1@mail.example.jp>\r\n\r\nPlease send me my data.\r\n\r\nHanako\r\n"
    )
}

/// The mail with a signature of `domain` above it.
pub(crate) fn signed(mail: &str, domain: &str, key: Ed25519Key) -> String {
    let signer = DkimSigner::from_key(key).domain(domain).selector("s1").headers(["From", "Subject", "Date"]);
    format!("{}{mail}", signer.sign(mail.as_bytes()).unwrap().to_header())
}

/// The mail as our server hands it on, with fields of ours above it.
pub(crate) fn received(above: &str, mail: &str) -> String {
    format!(
        "Return-Path: <hanako@example.jp>\r\n{above}Received: from mail.example.jp (mail.example.jp [{MAIL_SERVER}])\r\n\
         \tby mx.example.com (Postfix) with ESMTPS id 4XyZ; Mon, 3 Mar 2025 09:00:01 +0000 (UTC)\r\n{mail}"
    )
}
