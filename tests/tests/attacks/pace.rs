//! Finding out who is a customer by how long an answer takes.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::Result;
use futures::{StreamExt, TryStreamExt};
use habeas_test_support::{
    pace::{Bound, median, tells_apart},
    person::Page,
};
use habeas_tests::attack::{NOBODY, Party, Strike, VICTIM};

const HIGH: &str = "[verification.levels.eu_gdpr]\naccess = \"high\"\n";

/// How many requests of each person are asked side by side.
const SIDE_BY_SIDE: usize = 4;

/// How many times one link is asked: fewer than its limit by the minute allows.
const BY_LINK: usize = 6;

/// Somebody at the second step.
struct Applicant {
    party: Party,
    step: Page,
}

impl Applicant {
    async fn new(strike: &Strike, address: &str, number: usize) -> Result<Self> {
        let party =
            Party::new(&strike.target, &[address], &format!("198.18.{}.{}", number / 250, number % 250 + 1))?;
        let before = party.links("/confirm/")?;
        strike.target.staff.ask(address, &["access"]).await?;
        let step = party.confirm_after(before).await?;
        Ok(Self { party, step })
    }

    /// Orders the questions and looks at them: what asks the stores, and the page that follows from it.
    async fn timed(&self) -> Result<(Duration, Duration)> {
        let began = Instant::now();
        let page = self.party.press_at(&self.step, "/recent-dealings/begin", &[]).await?.successful()?;
        let ordered = began.elapsed();
        let began = Instant::now();
        self.party.open(page.url.as_str()).await?.successful()?;
        Ok((ordered, began.elapsed()))
    }
}

/// `size` pairs, always one of each person at the same moment, so that both meet the same load.
async fn pairs(strike: &Strike, size: usize) -> Result<Vec<[(Duration, Duration); 2]>> {
    let couples = size.div_ceil(BY_LINK);
    let mut people = Vec::with_capacity(couples);
    for number in 0..couples {
        let known = Applicant::new(strike, VICTIM, number * 2).await?;
        people.push((known, Applicant::new(strike, NOBODY, number * 2 + 1).await?));
    }
    let asked = futures::stream::iter(people)
        .map(|(known, unknown)| async move {
            let mut taken = Vec::with_capacity(BY_LINK);
            for turn in 0..BY_LINK {
                // Whoever is first is the other one the next time.
                let (one, other) = if turn % 2 == 0 {
                    tokio::try_join!(known.timed(), unknown.timed())?
                } else {
                    let (other, one) = tokio::try_join!(unknown.timed(), known.timed())?;
                    (one, other)
                };
                taken.push([one, other]);
            }
            anyhow::Ok(taken)
        })
        .buffer_unordered(SIDE_BY_SIDE);
    Ok(asked.try_collect::<Vec<_>>().await?.concat())
}

/// Enumeration by timing, in the line of Di Martino et al. 2019 and Bufalieri et al. 2020, who saw existence leak by words.
/// The page that asks the stores is measured for somebody known and somebody unknown.
#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_people_wait_alike() {
    let mut strike = Strike::plan_with("enumeration by timing", HIGH).await.unwrap();
    let ordering = tells_apart(Bound::default(), SIDE_BY_SIDE * BY_LINK, |size| {
        let strike = &strike;
        async move {
            let pairs = pairs(strike, size).await?;
            Ok(pairs.into_iter().map(|[known, unknown]| (known.0, unknown.0)).collect())
        }
    });
    let ordering = ordering.await.unwrap();
    let looking = tells_apart(Bound::default(), SIDE_BY_SIDE * BY_LINK, |size| {
        let strike = &strike;
        async move {
            let pairs = pairs(strike, size).await?;
            Ok(pairs.into_iter().map(|[known, unknown]| (known.1, unknown.1)).collect())
        }
    });
    let looking = looking.await.unwrap();
    println!("ordering questions: {ordering:?}\nlooking at them: {looking:?}");
    strike.tally.attempt(2 * SIDE_BY_SIDE * BY_LINK);
    strike.tally.compare("the time of ordering questions", &ordering.differs, &false);
    strike.tally.compare("the time of looking at them", &looking.differs, &false);
    let requests = strike.target.staff.requests().await.unwrap();
    let linked = requests.iter().filter(|request| request["duplicate_of"].is_string()).count();
    strike.tally.tell("so many requests for one person are linked", linked + 2 == requests.len());
    strike.settle().await.unwrap();
}

/// How often one person may name something in a day.
const NAMED_A_DAY: usize = 3;

/// How long the answer takes to somebody who names a customer's number, and to one who names nobody's. Each customer is named
/// once, so that no limit has cut in.
async fn namings(strike: &Strike, size: usize, next: &AtomicU32) -> Result<Vec<(Duration, Duration)>> {
    let named = async |party: &Party, page: &Page, number: String| {
        let began = Instant::now();
        party.press(page, &[("named", &number)]).await?.successful()?;
        anyhow::Ok(began.elapsed())
    };
    let mut taken = Vec::with_capacity(size);
    while taken.len() < size {
        let (mut parties, mut pages) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let address = format!("spy{number}@attacker.test");
            let place = format!("198.19.{}.{}", number / 250, number % 250 + 1);
            let party = Party::new(&strike.target, &[&address], &place)?;
            strike.target.staff.ask(&address, &["access"]).await?;
            party.confirm().await?;
            let link = party.link("/confirm/").await?.replace("/confirm/", "/identity/");
            pages.push(party.open(&format!("{link}/another")).await?.successful()?);
            parties.push(party);
        }
        strike.quiet().await?;
        for _ in 0..NAMED_A_DAY.min(size - taken.len()) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let (known, unknown) = (format!("{}", 2_000 + number), format!("{}", 9_000 + number));
            taken.push(tokio::try_join!(
                named(&parties[0], &pages[0], known),
                named(&parties[1], &pages[1], unknown)
            )?);
        }
    }
    Ok(taken)
}

/// The same where the mailed link is enough: what is named after it leads to somebody, or to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_customers_and_of_nobody_are_answered_at_one_pace() {
    let mut strike = Strike::plan("enumeration by timing of what else one is known by").await.unwrap();
    let customers = "WITH RECURSIVE n(i) AS (SELECT 2000 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO customers \
                     SELECT i, 'c' || i || '@people.test', NULL, 'Somebody', NULL, 'Light', '0000', NULL FROM n";
    strike.target.shop.sql(customers).await.unwrap();
    strike.begin_again().await.unwrap();
    let next = AtomicU32::new(0);
    let verdict = tells_apart(Bound::default(), 4 * NAMED_A_DAY, |size| namings(&strike, size, &next));
    let verdict = verdict.await.unwrap();
    println!("naming something: {verdict:?}");
    strike.tally.attempt(8 * NAMED_A_DAY);
    strike.tally.compare("the time of naming something", &verdict.differs, &false);
    strike.quiet().await.unwrap();
    let requests = strike.target.staff.requests().await.unwrap();
    let asked = requests.iter().filter(|request| request["channel"] == "form").count();
    assert!(asked >= 4 * NAMED_A_DAY, "every customer who was named was asked");
    strike.tally.untold("naming what one is known by is what the page is for; whoever is named is asked");
    strike.settle().await.unwrap();
}

/// The control: the same measure on the same daemon finds a difference that is there, of one person whose answers come a little
/// later.
#[tokio::test(flavor = "multi_thread")]
async fn a_planted_delay_is_found() {
    let strike = Strike::plan_with("a planted delay", HIGH).await.unwrap();
    let verdict = tells_apart(Bound::default(), SIDE_BY_SIDE * BY_LINK, |size| {
        let strike = &strike;
        async move {
            let pairs = pairs(strike, size.min(SIDE_BY_SIDE * BY_LINK)).await?;
            let late = |time: Duration| time + Duration::from_millis(250);
            Ok(pairs.into_iter().map(|[known, unknown]| (known.0, late(unknown.0))).collect())
        }
    });
    let verdict = verdict.await.unwrap();
    assert!(verdict.differs, "{verdict:?}");
    assert!(median(&[Duration::ZERO]) == Duration::ZERO);
}
