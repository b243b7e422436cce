//! The main job over real servers: queue to mail, in one process and in six.

use habeas_tests::{
    company::MARK,
    crowd::Crowd,
    house::{ALL, House, Plan},
    spy,
};

fn tells(text: &str) -> bool {
    text.to_lowercase().contains(&MARK.to_lowercase())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_does_the_whole_main_job_and_tells_nothing_of_the_person() {
    let env = vec![("HABEAS__LOG__LEVEL".to_owned(), "trace".to_owned())];
    let house = House::build(Plan { env, processes: vec![ALL], ..Plan::default() }).await.unwrap();
    spy::listen(house.vhost.as_ref().unwrap()).await.unwrap();
    let crowd = Crowd { leavers: (1..=4).collect(), readers: (5..=8).collect(), renamed: vec![9, 10] };
    let submitted = crowd.begin(&house).await.unwrap();
    crowd.settle(&house, submitted, "no fault").await.unwrap();
    let logs = house.logs().unwrap();
    assert!(logs.lines().count() > 100, "the daemon logs at this level");
    assert_eq!(logs.lines().find(|line| tells(line)), None, "personal data in the log");
    let metrics = house.metrics().await.unwrap();
    assert!(metrics.contains("habeas_work_run_total"), "the daemon counts: {metrics}");
    assert_eq!(metrics.lines().find(|line| tells(line)), None, "personal data in the metrics");
    let heard = spy::heard(house.vhost.as_ref().unwrap()).await.unwrap();
    let (intake, own): (Vec<_>, Vec<_>) = heard.into_iter().partition(|(queue, _)| queue == "habeas.intake");
    assert_eq!(intake.iter().filter(|(_, body)| tells(body)).count(), 10, "the spy hears what is said");
    assert!(own.len() > 50, "the workers talk: {}", own.len());
    assert_eq!(own.iter().find(|(_, body)| tells(body)), None, "personal data in a queue message");
}
