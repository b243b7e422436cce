//! The state database goes away in mid-run.

use habeas_test_support::{Postgres, wait};
use habeas_tests::house::{ALL, House, Plan};

use habeas_tests::crowd::{Crowd, LIMIT};

#[tokio::test(flavor = "multi_thread")]
async fn a_state_database_restarted_in_mid_run_loses_and_doubles_nothing() {
    let postgres = Postgres::start().await.unwrap();
    let state_url = Some(postgres.create_database("state").await.unwrap());
    let processes = vec![ALL, "fulfilment,notification"];
    let house = House::build(Plan { people: 60, processes, state_url, ..Plan::default() }).await.unwrap();
    let crowd = Crowd::of(60);
    let submitted = crowd.submit(&house).await.unwrap();
    house.accepted(30, LIMIT).await.unwrap();
    let restarting = async {
        for _ in 0..3 {
            postgres.restart().await.unwrap();
            let before = house.mails_sent().await.unwrap_or_default();
            wait::until("work to go on between two restarts", LIMIT, || async {
                let sent = house.mails_sent().await.is_ok_and(|sent| sent > before);
                sent || house.requests().await.is_ok_and(|(_, ended)| ended == 60)
            })
            .await
            .unwrap();
        }
    };
    futures::future::join(crowd.verify(&house), restarting).await.0.unwrap();
    crowd.settle(&house, submitted, "state database restarted three times").await.unwrap();
}
