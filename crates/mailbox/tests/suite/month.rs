//! A mailbox that is left alone for a month: mails of all kinds each day, replies and reports about the requests that they
//! became, a server that goes away, comes back, forgets its UIDs and changes its password, and nights in which what is over is
//! destroyed. Each mail ends once, in a named end.

mod company;
mod post;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use habeas_domain::{
    ReceivedMailId, RequestId,
    received_mail::{ReceivedMailState, ReplyWord, Verdict},
};
use habeas_ledger::ReceivedMailView;
use habeas_mailbox::source::{Bell, imap::ImapReader};
use habeas_test_support::{DOVECOT_PASSWORD, Dovecot, wait};
use tokio_util::sync::CancellationToken;

use self::{
    company::{Company, KEPT},
    post::{About, corpus, numbered},
};
use crate::bed::LIMIT;

const DAYS: usize = 30;
/// Mails of a day, those about requests among them.
const A_DAY: usize = 40;

/// A reader that runs until it is stopped.
struct Reading(tokio::task::JoinHandle<()>, CancellationToken);

impl Reading {
    fn start(company: &Company, dovecot: &Dovecot) -> Self {
        let stop = CancellationToken::new();
        let reader = ImapReader::new(company.options(dovecot), company.ledger.clone(), Bell::default());
        Self(tokio::spawn(reader.run(stop.clone())), stop)
    }

    async fn stop(self) {
        self.1.cancel();
        tokio::time::timeout(LIMIT, self.0).await.unwrap().unwrap();
    }
}

/// What goes wrong on a day.
async fn trouble(day: usize, company: &Company, dovecot: &Dovecot) {
    match day % 10 {
        3 => {
            dovecot.kill().unwrap();
            dovecot.start_again().await.unwrap();
        }
        6 => {
            dovecot.stop().await.unwrap();
            dovecot.forget_uids("privacy").unwrap();
            dovecot.start_again().await.unwrap();
        }
        // The password is changed on the server's side first, as a token that has run out.
        8 => {
            std::fs::write(&company.secret, "no longer the password").unwrap();
            dovecot.kill().unwrap();
            dovecot.start_again().await.unwrap();
            std::fs::write(&company.secret, DOVECOT_PASSWORD).unwrap();
        }
        _ => {}
    }
}

/// The mails about requests: by their place in the month, what each was and which request it was about.
type Correspondence = BTreeMap<usize, (About, RequestId)>;

/// The mails of a day. The first ones are about a request of the day before.
async fn mails_of(
    day: usize,
    company: &Company,
    known: &[ReceivedMailView],
    sent: &mut Correspondence,
) -> Vec<Vec<u8>> {
    let kinds = corpus();
    let first = day * A_DAY;
    let mut mails = Vec::with_capacity(A_DAY);
    if let Some(request) =
        known.iter().find_map(|mail| mail.request.filter(|_| mail.state == ReceivedMailState::Request))
    {
        let ours = company.ledger.request_view(request).await.unwrap().mails[0].id;
        for (number, about) in (first..).zip(About::ALL) {
            sent.insert(number, (about, request));
            mails.push(about.mail(&company.ledger, request, ours, number));
        }
    }
    let rest = first + mails.len()..first + A_DAY;
    mails.extend(rest.map(|number| numbered(&kinds[number % kinds.len()], number)));
    mails
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_mailbox_can_be_left_alone_for_a_month() {
    let (company, dovecot) = (Company::new().await, Dovecot::start().await.unwrap());
    let mut reading = Reading::start(&company, &dovecot);
    let (mut sizes, mut sent, mut known) = (Vec::new(), Correspondence::new(), Vec::new());
    let mut ends = BTreeMap::new();
    for day in 0..DAYS {
        for (number, mail) in mails_of(day, &company, &known, &mut sent).await.iter().enumerate() {
            dovecot.deliver("privacy", mail).unwrap();
            if number == A_DAY / 2 {
                trouble(day, &company, &dovecot).await;
            }
        }
        let what = format!("the {A_DAY} mails of day {day} to be stored");
        wait::until(what, LIMIT * 3, || async { company.unread().await >= A_DAY as u64 }).await.unwrap();
        company.act().await;
        known = company.mails().await;
        assert_eq!(known.len(), (day + 1) * A_DAY, "none is taken twice");
        assert!(known.iter().all(|mail| mail.state != ReceivedMailState::Stored), "each is decided");
        correspondence(&company, &known[..A_DAY], &sent, &mut ends).await;
        if day % 7 == 5 {
            // A new version of the program.
            reading.stop().await;
            reading = Reading::start(&company, &dovecot);
        }
        company.clock.advance(TimeDelta::days(1));
        company.evening(&known).await;
        company.night().await;
        sizes.push(company.size());
    }
    reading.stop().await;
    each_ends(&company).await;
    let about = About::ALL.map(|about| ends.get(&about).copied().unwrap_or(0));
    assert_eq!(about, [DAYS - 1; 4], "each came on every day but the first, and had its end");
    grows_slowly(&company, &sizes).await;
}

/// What became of a day's mails about requests, counted by what they were.
async fn correspondence(
    company: &Company,
    today: &[ReceivedMailView],
    sent: &Correspondence,
    ends: &mut BTreeMap<About, usize>,
) {
    for mail in today {
        let Some((about, request)) = sent.get(&number_of(company, mail.id).await) else { continue };
        let end = (mail.state, mail.verdict.unwrap(), mail.request, mail.unread, mail.says);
        let (filed, of) = (ReceivedMailState::Filed, Some(*request));
        match about {
            About::Thanks => assert_eq!((end.0, end.2, end.3, end.4), (filed, of, true, None)),
            About::TakesBack => {
                assert_eq!((end.0, end.2, end.3, end.4), (filed, of, true, Some(ReplyWord::TakesBack)));
            }
            About::Bounce => {
                assert_eq!((end.0, end.1, end.2, end.3), (filed, Verdict::Bounce, of, false));
                let view = company.ledger.request_view(*request).await.unwrap();
                let marked = view.mails[0].undelivered.as_ref().unwrap();
                assert_eq!((marked.status.as_deref(), marked.for_good), (Some("5.1.1"), true));
            }
            About::MadeUp => assert_eq!((end.2, end.3), (None, false), "it belongs to nobody: {:?}", end.0),
        }
        *ends.entry(*about).or_default() += 1;
    }
}

/// The place in the month of a mail.
async fn number_of(company: &Company, mail: ReceivedMailId) -> usize {
    let raw = company.ledger.raw_mail(mail).await.unwrap();
    let text = String::from_utf8_lossy(raw.expose()).into_owned();
    text.lines().find_map(|line| line.strip_prefix("X-Number: ")).unwrap().trim().parse().unwrap()
}

/// Each mail has an end and a reason, and each of the ends is there.
async fn each_ends(company: &Company) {
    let mails = company.mails().await;
    assert_eq!(mails.len(), DAYS * A_DAY);
    assert!(mails.iter().all(|mail| mail.reason.as_ref().is_some_and(|reason| !reason.is_empty())));
    assert!(mails.iter().all(|mail| mail.verdict.is_some() && mail.decided_at.is_some()));
    assert!(mails.iter().all(|mail| !mail.unread), "every reply was read");
    let verdicts: BTreeSet<&str> =
        mails.iter().filter_map(|mail| mail.verdict).map(Verdict::as_str).collect();
    for verdict in Verdict::ALL {
        assert!(verdicts.contains(verdict.as_str()), "{verdict} came in all of the month");
    }
    let requests = mails.iter().filter(|mail| mail.state == ReceivedMailState::Request);
    let requests: Vec<RequestId> = requests.filter_map(|mail| mail.request).collect();
    let different: BTreeSet<_> = requests.iter().collect();
    assert!(!requests.is_empty() && requests.len() == different.len(), "one request per mail");
    let answered = mails.iter().filter(|mail| mail.answered_at.is_some());
    let machines = answered.filter(|mail| mail.verdict.is_some_and(|verdict| !verdict.may_be_answered()));
    assert_eq!(machines.count(), 0, "no machine was written to");
    assert!(company.ledger.verify_audit(|_| ()).await.unwrap().breaks.is_empty());
}

/// What is kept of a mail that is over is its record alone.
async fn grows_slowly(company: &Company, sizes: &[u64]) {
    let mails = company.mails().await;
    let kept = mails.iter().filter(|mail| !mail.erased).count();
    let days = usize::try_from(KEPT.num_days()).unwrap() + 2;
    assert!(kept <= days * A_DAY, "{kept} mails are still whole");
    let week = sizes[9] - sizes[2];
    let last = sizes[DAYS - 1].saturating_sub(sizes[DAYS - 8]);
    assert!(last < week, "the last week took {last} bytes, the first {week}: {sizes:?}");
}
