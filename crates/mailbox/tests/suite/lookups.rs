//! Name servers that are slow, broken, or asked too much.

use std::time::{Duration, Instant};

use habeas_domain::received_mail::SenderAuthentication as Verdict;
use habeas_mailbox::authentication::{DnsLimits, Remark};

use crate::sent::{ATTACKER, DOMAIN, MAIL_SERVER, World, mail, signed};

#[tokio::test]
async fn silence_ends_at_the_limit_and_says_that_later_may_help() {
    let mut world = World::new().await;
    world.limits =
        DnsLimits { question: Duration::from_secs(30), attempts: 3, whole: Duration::from_millis(300) };
    world.dns.silence(DOMAIN);
    let whole = signed(&mail(), DOMAIN, world.key(DOMAIN));
    let began = Instant::now();
    let judged = world.judge(&whole).await;
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert_eq!((judged.verdict, judged.try_again), (Verdict::None, true));
    assert_eq!(judged.remarks, [Remark::DnsUnavailable]);
}

#[tokio::test]
async fn a_broken_name_server_is_no_verdict() {
    let world = World::new().await;
    world.dns.breaks(DOMAIN);
    let judged = world.judge(&signed(&mail(), DOMAIN, world.key(DOMAIN))).await;
    assert_eq!((judged.verdict, judged.try_again), (Verdict::None, true), "{judged:?}");
    assert!(judged.remarks.contains(&Remark::DnsUnavailable));
}

#[tokio::test]
async fn a_strangers_name_server_settles_nothing_about_the_sender() {
    for silent in [false, true] {
        let mut world = World::with_policy("v=DMARC1; p=reject").await;
        world.limits =
            DnsLimits { question: Duration::from_secs(2), attempts: 1, whole: Duration::from_mins(1) };
        let whole = signed(&mail(), ATTACKER, world.key(ATTACKER));
        if silent {
            world.dns.silence(ATTACKER);
        } else {
            world.dns.breaks(ATTACKER);
        }
        let judged = world.judge_from(&whole, MAIL_SERVER, "x@attacker.test").await;
        assert_eq!((judged.verdict, judged.try_again), (Verdict::Unaligned, false), "{judged:?}");
        assert!(judged.remarks.contains(&Remark::DnsUnavailable));
        let own = signed(&whole, DOMAIN, world.key(DOMAIN));
        assert_eq!(world.judge(&own).await.verdict, Verdict::Aligned, "nor against them");
    }
}

#[tokio::test]
async fn answers_are_remembered() {
    let world = World::with_policy("v=DMARC1; p=reject").await;
    let whole = signed(&mail(), DOMAIN, world.key(DOMAIN));
    let authenticator = world.authenticator();
    authenticator.authenticate(whole.as_bytes(), None).await;
    let asked = world.dns.questions();
    assert!(asked > 0);
    for _ in 0..20 {
        let again = authenticator.authenticate(whole.as_bytes(), None).await;
        assert_eq!(again.verdict, Verdict::Aligned);
    }
    assert_eq!(world.dns.questions(), asked);
}

#[tokio::test]
async fn many_signatures_cost_few_questions_and_hide_no_real_one() {
    let world = World::with_policy("v=DMARC1; p=reject").await;
    let mut whole = signed(&mail(), DOMAIN, world.key(DOMAIN));
    for number in 0..60 {
        let domain = format!("d{number}.attacker.test");
        let one = signed(&mail(), &domain, world.key(&domain));
        let (header, _) = one.split_once("From:").unwrap();
        whole = format!("{header}{whole}");
    }
    let judged = world.judge(&whole).await;
    assert_eq!(judged.verdict, Verdict::Aligned, "{judged:?}");
    assert!(judged.remarks.contains(&Remark::ManySignatures));
    assert!(world.dns.questions() < 40, "{}", world.dns.questions());
}
