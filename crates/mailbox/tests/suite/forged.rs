//! What attackers write into headers.

use habeas_domain::{EmailAddress, received_mail::SenderAuthentication as Verdict};
use habeas_mailbox::authentication::{Remark, Source};

use crate::sent::{ATTACKER, DOMAIN, World, mail, mail_from, received, signed};

const PASS: &str = "Authentication-Results: mx.example.com; dkim=pass header.d=example.jp;\r\n\tspf=pass smtp.mailfrom=example.jp; dmarc=pass header.from=example.jp\r\n";
const REJECT: &str = "v=DMARC1; p=reject";

#[tokio::test]
async fn our_servers_own_results_settle_it_without_a_question() {
    let world = World::with_policy(REJECT).await;
    let judged = world.judge(&received(PASS, &mail())).await;
    assert_eq!((judged.verdict, world.dns.questions()), (Verdict::Aligned, 0));
    assert!(judged.evidence.iter().all(|one| one.source == Source::Reported));
    let failed = PASS.replace("dmarc=pass", "dmarc=fail (p=reject)");
    assert_eq!(world.judge(&received(&failed, &mail())).await.verdict, Verdict::Unaligned);
    let both = format!("{PASS}{failed}");
    assert_eq!(world.judge(&received(&both, &mail())).await.verdict, Verdict::Unaligned, "the worse counts");
}

#[tokio::test]
async fn results_that_the_sender_wrote_are_ignored_whatever_name_they_bear() {
    let world = World::with_policy(REJECT).await;
    let other = PASS.replace("mx.example.com", "mx.attacker.test");
    for (forged, in_our_name) in [(PASS, true), (other.as_str(), false)] {
        let inner = received("", &format!("{forged}{}", mail()));
        let judged = world.judge(&inner).await;
        assert_eq!(judged.verdict, Verdict::Unaligned);
        assert_eq!(judged.remarks.contains(&Remark::ResultsInOurName), in_our_name);
        let alone = world.judge(&format!("{forged}{}", mail())).await;
        assert_eq!(alone.verdict, Verdict::Unaligned, "a file that passed no server");
    }
    let behind_real = received(
        "Authentication-Results: mx.example.com; spf=none smtp.mailfrom=example.jp\r\n",
        &format!("{PASS}{}", mail()),
    );
    assert_eq!(world.judge(&behind_real).await.verdict, Verdict::Unaligned);
}

#[tokio::test]
async fn results_about_another_sender_do_not_count() {
    let world = World::with_policy(REJECT).await;
    let about_other = PASS.replace("example.jp", ATTACKER);
    let judged = world.judge(&received(&about_other, &mail())).await;
    assert_eq!(judged.verdict, Verdict::Unaligned, "{judged:?}");
}

#[tokio::test]
async fn without_name_servers_only_the_very_domain_counts() {
    use habeas_mailbox::authentication::Authenticator;
    let world = World::new().await;
    let authenticator = Authenticator::new(world.options.clone(), None);
    for (domain, verdict) in
        [(DOMAIN, Verdict::Aligned), ("mail.example.jp", Verdict::None), (ATTACKER, Verdict::None)]
    {
        let said = format!("Authentication-Results: mx.example.com; dkim=pass header.d={domain}\r\n");
        let judged = authenticator.authenticate(received(&said, &mail()).as_bytes(), None).await;
        assert_eq!(judged.verdict, verdict, "{domain}");
    }
}

#[tokio::test]
async fn a_second_sender_makes_the_mail_nobodys() {
    let world = World::with_policy(REJECT).await;
    let whole = signed(&mail(), DOMAIN, world.key(DOMAIN));
    let doubled = format!("From: mallory@attacker.test\r\n{whole}");
    let judged = world.judge(&doubled).await;
    assert_eq!((judged.verdict, judged.from), (Verdict::None, None));
    assert_eq!(judged.remarks, [Remark::SeveralFromFields]);
    let listed = mail_from("hanako@example.jp, mallory@attacker.test");
    let judged = world.judge(&signed(&listed, ATTACKER, world.key(ATTACKER))).await;
    assert_eq!((judged.verdict, judged.from), (Verdict::None, None));
}

#[tokio::test]
async fn a_name_that_looks_like_the_sender_does_not_borrow_the_verdict() {
    let world = World::new().await;
    let lure = mail_from("\"hanako@example.jp\" <mallory@attacker.test>");
    let judged = world.judge(&signed(&lure, ATTACKER, world.key(ATTACKER))).await;
    assert_eq!(judged.verdict, Verdict::Aligned, "of the attacker's own domain");
    let shown = |address: &str| judged.verdict_for(Some(&EmailAddress::parse(address).unwrap()));
    assert_eq!(shown("Mallory@attacker.test"), Verdict::Aligned);
    assert_eq!((shown("hanako@example.jp"), judged.verdict_for(None)), (Verdict::None, Verdict::None));
    assert_eq!(judged.remarks, [Remark::NameHoldsAnotherAddress]);
}

#[tokio::test]
async fn nothing_of_the_mail_shows_in_debug_or_in_words() {
    let world = World::with_policy(REJECT).await;
    let judged = world.judge(&received(PASS, &mail())).await;
    let told: String = judged.evidence.iter().map(|one| one.words.as_str()).collect();
    let shown = format!("{judged:?} {told}");
    assert!(!shown.contains("hanako") && !shown.contains("example.jp"), "{shown}");
}
