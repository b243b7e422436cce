//! Senders whose domains stand behind their mails, or do not.

use std::time::Duration;

use habeas_domain::received_mail::SenderAuthentication as Verdict;
use habeas_mailbox::authentication::{Authenticated, AuthenticationOptions, Method, Remark, Source};
use habeas_test_support::wait;
use mail_auth::{
    common::{
        crypto::{RsaKey, Sha256},
        headers::HeaderWriter,
    },
    dkim::{DkimSigner, generate::DkimKeyPair},
};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer};

use crate::sent::{ATTACKER, DOMAIN, MAIL_SERVER, World, mail, mail_from, received, signed};

const REJECT: &str = "v=DMARC1; p=reject";

fn results(judged: &Authenticated, method: Method) -> Vec<(&str, bool)> {
    let of = judged.evidence.iter().filter(|one| one.method == method);
    of.map(|one| (one.result.as_str(), one.aligned)).collect()
}

#[tokio::test]
async fn a_signature_of_the_senders_domain_aligns() {
    let world = World::with_policy(REJECT).await;
    let judged = world.judge(&signed(&mail(), DOMAIN, world.key(DOMAIN))).await;
    assert_eq!(judged.verdict, Verdict::Aligned, "{judged:?}");
    assert_eq!(results(&judged, Method::Dkim), [("pass", true)]);
    assert_eq!(results(&judged, Method::Dmarc), [("pass", true)]);
    assert_eq!(judged.from.unwrap().as_str(), "hanako@example.jp");
    assert_eq!((judged.remarks.as_slice(), judged.try_again), (&[] as &[Remark], false));
}

#[tokio::test]
async fn an_rsa_signature_aligns_and_bare_line_ends_do_not_break_it() {
    let world = World::with_policy(REJECT).await;
    let pair = DkimKeyPair::generate_rsa(2048).unwrap();
    world.publish(DOMAIN, "rsa", pair.public_key());
    let der = PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(pair.private_key().to_vec()));
    let key = RsaKey::<Sha256>::from_key_der(der).unwrap();
    let signer = DkimSigner::from_key(key).domain(DOMAIN).selector("s1").headers(["From", "Subject"]);
    let whole = format!("{}{}", signer.sign(mail().as_bytes()).unwrap().to_header(), mail());
    assert_eq!(world.judge(&whole).await.verdict, Verdict::Aligned);
    assert_eq!(
        world.judge(&whole.replace("\r\n", "\n")).await.verdict,
        Verdict::Aligned,
        "as a pipe gives it"
    );
}

#[tokio::test]
async fn alignment_is_relaxed_or_strict_as_the_domain_says() {
    for (record, verdict) in [(REJECT, Verdict::Aligned), ("v=DMARC1; p=reject; adkim=s", Verdict::Unaligned)]
    {
        let world = World::with_policy(record).await;
        let sub = format!("mail.{DOMAIN}");
        let judged = world.judge(&signed(&mail(), &sub, world.key(&sub))).await;
        assert_eq!(judged.verdict, verdict, "{record} {judged:?}");
    }
}

#[tokio::test]
async fn a_server_that_the_domain_names_aligns() {
    let world = World::with_policy(REJECT).await;
    world.dns.txt(DOMAIN, "v=spf1 a:out.example.jp mx -all");
    world.dns.a("out.example.jp", MAIL_SERVER.parse().unwrap());
    world.dns.mx(DOMAIN, "out.example.jp");
    let judged = world.judge_from(&mail(), MAIL_SERVER, "bounces@example.jp").await;
    assert_eq!(judged.verdict, Verdict::Aligned, "{judged:?}");
    assert_eq!(results(&judged, Method::Spf), [("pass", true)]);
    let elsewhere = world.judge_from(&mail(), "198.51.100.9", "bounces@example.jp").await;
    assert_eq!(elsewhere.verdict, Verdict::Unaligned);
    assert_eq!(results(&elsewhere, Method::Spf), [("fail", false)]);
}

#[tokio::test]
async fn the_servers_own_received_tells_the_client_where_it_is_told_to() {
    let mut world = World::with_policy(REJECT).await;
    world.dns.txt(DOMAIN, &format!("v=spf1 ip4:{MAIL_SERVER} -all"));
    let whole = received("", &mail());
    let judged = world.judge(&whole).await;
    assert_eq!(judged.verdict, Verdict::Unaligned);
    assert!(judged.remarks.contains(&Remark::DeliveryUnknown));
    world.options.delivering_received = Some(0);
    assert_eq!(world.judge(&whole).await.verdict, Verdict::Aligned);
}

#[tokio::test]
async fn another_domain_vouches_for_nobody() {
    for policy in ["v=DMARC1; p=none", "v=DMARC1; p=quarantine; pct=0", REJECT] {
        let world = World::with_policy(policy).await;
        world.dns.txt(ATTACKER, &format!("v=spf1 ip4:{MAIL_SERVER} -all"));
        let whole = signed(&mail(), ATTACKER, world.key(ATTACKER));
        let judged = world.judge_from(&whole, MAIL_SERVER, "x@attacker.test").await;
        assert_eq!(judged.verdict, Verdict::Unaligned, "{policy}");
        assert_eq!(results(&judged, Method::Dkim), [("pass", false)]);
        assert!(judged.remarks.contains(&Remark::OtherDomainOnly));
    }
}

#[tokio::test]
async fn a_policy_covers_the_domains_below() {
    let world = World::with_policy("v=DMARC1; p=none; sp=reject").await;
    let below = mail_from("hanako@shop.example.jp");
    assert_eq!(world.judge(&below).await.verdict, Verdict::Unaligned);
    let judged = world.judge(&signed(&below, DOMAIN, world.key(DOMAIN))).await;
    assert_eq!(judged.verdict, Verdict::Aligned, "signed by the organisation's domain");
}

#[tokio::test]
async fn a_domain_that_says_nothing_is_neither() {
    let world = World::new().await;
    let judged = world.judge(&mail()).await;
    assert_eq!((judged.verdict, judged.try_again), (Verdict::None, false));
    let key = world.key(DOMAIN);
    let by_itself = world.judge(&signed(&mail(), DOMAIN, key)).await;
    assert_eq!(by_itself.verdict, Verdict::Aligned, "a signature of the very domain needs no policy");
    let below = format!("mail.{DOMAIN}");
    let by_below = world.judge(&signed(&mail(), &below, world.key(&below))).await;
    assert_eq!(by_below.verdict, Verdict::None, "a domain below does not speak for the one above");
}

#[tokio::test]
async fn a_domain_that_names_its_servers_alone_is_held_to_it() {
    let world = World::new().await;
    world.dns.txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all");
    let judged = world.judge_from(&mail(), MAIL_SERVER, "x@attacker.test").await;
    assert_eq!(judged.verdict, Verdict::Unaligned, "{judged:?}");
}

#[tokio::test]
async fn a_changed_text_breaks_the_signature() {
    let world = World::new().await;
    let whole = signed(&mail(), DOMAIN, world.key(DOMAIN)).replace("send me", "send him");
    let judged = world.judge(&whole).await;
    assert_eq!(judged.verdict, Verdict::Unaligned, "the domain signs, and this is not what it signed");
    assert_eq!(results(&judged, Method::Dkim), [("neutral", false)]);
}

#[tokio::test]
async fn a_changed_header_breaks_the_signature() {
    let world = World::with_policy(REJECT).await;
    let whole = signed(&mail(), DOMAIN, world.key(DOMAIN)).replace("Subject: My data", "Subject: Her data");
    let judged = world.judge(&whole).await;
    assert_eq!((judged.verdict, results(&judged, Method::Dkim)), (Verdict::Unaligned, vec![("fail", false)]));
}

#[tokio::test]
async fn a_signature_of_the_beginning_counts_for_nothing() {
    let world = World::with_policy(REJECT).await;
    let mail = mail();
    let signer = DkimSigner::from_key(world.key(DOMAIN)).domain(DOMAIN).selector("s1").headers(["From"]);
    let signature = signer.body_length(true).sign(mail.as_bytes()).unwrap().to_header();
    let judged = world.judge(&format!("{signature}{mail}And delete everything of hers.\r\n")).await;
    assert_eq!(judged.verdict, Verdict::Unaligned);
    assert!(judged.remarks.contains(&Remark::PartlySigned), "{judged:?}");
}

#[tokio::test]
async fn a_signature_that_leaves_the_sender_out_counts_for_nothing() {
    let world = World::with_policy(REJECT).await;
    let mail = mail();
    let signer = DkimSigner::from_key(world.key(DOMAIN)).domain(DOMAIN).selector("s1").headers(["Subject"]);
    let judged = world.judge(&format!("{}{mail}", signer.sign(mail.as_bytes()).unwrap().to_header())).await;
    assert_eq!(judged.verdict, Verdict::Unaligned);
    assert!(judged.remarks.contains(&Remark::FromNotSigned), "{judged:?}");
}

#[tokio::test]
async fn an_expired_signature_counts_for_nothing() {
    let world = World::with_policy(REJECT).await;
    let mail = mail();
    let signer = DkimSigner::from_key(world.key(DOMAIN)).domain(DOMAIN).selector("s1").headers(["From"]);
    let signature = signer.expiration(1).sign(mail.as_bytes()).unwrap();
    let whole = format!("{}{mail}", signature.to_header());
    // The library looks at the machine's clock; a second is the shortest life of a signature.
    wait::until("the signature to expire", Duration::from_mins(1), || async {
        results(&world.judge(&whole).await, Method::Dkim) == [("neutral", false)]
    })
    .await
    .unwrap();
    assert_eq!(world.judge(&whole).await.verdict, Verdict::Unaligned);
}

#[tokio::test]
async fn a_key_that_is_not_published_counts_for_nothing() {
    let world = World::new().await;
    let key = World::new().await.key(DOMAIN);
    let judged = world.judge(&signed(&mail(), DOMAIN, key)).await;
    assert_eq!((judged.verdict, judged.try_again), (Verdict::None, false));
    assert_eq!(results(&judged, Method::Dkim), [("permerror", false)]);
}

#[tokio::test]
async fn a_forwarders_seal_counts_only_if_it_is_believed() {
    let mut world = World::with_policy(REJECT).await;
    let original = signed(&mail(), DOMAIN, world.key(DOMAIN));
    let whole = world.forwarded(&original, "lists.example.org").await;
    let judged = world.judge(&whole).await;
    assert_eq!(judged.verdict, Verdict::Unaligned, "{judged:?}");
    assert_eq!(results(&judged, Method::Arc), [("pass", false)]);
    assert!(judged.remarks.contains(&Remark::UnknownForwarder));
    world.options =
        AuthenticationOptions { arc_sealers: vec!["Lists.Example.org".to_owned()], ..world.options.clone() };
    let judged = world.judge(&whole).await;
    assert_eq!(judged.verdict, Verdict::Aligned);
    assert!(judged.evidence.iter().any(|one| one.source == Source::Forwarder && one.aligned));
    let tampered = world.judge(&whole.replace("[list footer]", "[other footer]")).await;
    assert_eq!(tampered.verdict, Verdict::Unaligned);
}
