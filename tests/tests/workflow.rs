//! The main job over real servers: queue to mail, in one process and in six.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::time::Duration;

use habeas_tests::{
    account::Account,
    company::MARK,
    house::{ALL, House, Plan},
    people, spy,
};

const LIMIT: Duration = Duration::from_mins(3);

fn tells(text: &str) -> bool {
    text.to_lowercase().contains(&MARK.to_lowercase())
}

async fn account(house: &House, attempted: usize, deleted: &[u32], everyone: &[u32]) -> Account {
    let (accepted, ended) = house.requests().await.unwrap();
    Account {
        attempted,
        accepted,
        ended,
        lost: attempted - accepted,
        doubled: house.company.effects_outside(deleted).await.unwrap().len(),
        crossed: people::crossed(&house.sink, everyone).unwrap(),
        silent: house.silent().await.unwrap(),
        mails_lost: house.unsent().await.unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_does_the_whole_main_job_and_tells_nothing_of_the_person() {
    let env = vec![("HABEAS__LOG__LEVEL".to_owned(), "trace".to_owned())];
    let house = House::build(Plan { env, processes: vec![ALL], ..Plan::default() }).await.unwrap();
    spy::listen(house.vhost.as_ref().unwrap()).await.unwrap();
    let (leavers, readers): (Vec<u32>, Vec<u32>) = ((1..=5).collect(), (6..=10).collect());
    people::submit(house.queue.as_ref(), &leavers, &["deletion"]).await.unwrap();
    people::submit(house.queue.as_ref(), &readers, &["access", "portability"]).await.unwrap();
    house.accepted(10, LIMIT).await.unwrap();
    let everyone: Vec<u32> = (1..=10).collect();
    people::verify(&house.sink, &everyone, LIMIT).await.unwrap();
    house.finished(LIMIT).await.unwrap();
    for person in &leavers {
        assert_eq!(house.company.rows_of(*person).await.unwrap(), 0, "person {person}");
    }
    for person in &readers {
        assert_eq!(
            house.company.rows_of(*person).await.unwrap(),
            house.company.rows_each(),
            "person {person}"
        );
        people::package_link(&house.sink, *person).unwrap();
    }
    account(&house, 10, &leavers, &everyone).await.settle("no fault").unwrap();
    let logs = house.logs().unwrap();
    assert!(logs.lines().count() > 100, "the daemon logs at this level");
    assert_eq!(logs.lines().find(|line| tells(line)), None, "personal data in the log");
    let metrics = reqwest::get(format!("{}/metrics", house.pages())).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("habeas_work_run_total"), "the daemon counts: {metrics}");
    assert_eq!(metrics.lines().find(|line| tells(line)), None, "personal data in the metrics");
    let heard = spy::heard(house.vhost.as_ref().unwrap()).await.unwrap();
    let (intake, own): (Vec<_>, Vec<_>) = heard.into_iter().partition(|(queue, _)| queue == "habeas.intake");
    assert_eq!(intake.iter().filter(|(_, body)| tells(body)).count(), 10, "the spy hears what is said");
    assert!(own.len() > 50, "the workers talk: {}", own.len());
    assert_eq!(own.iter().find(|(_, body)| tells(body)), None, "personal data in a queue message");
    house.run(&["audit", "verify"]).unwrap();
}
