//! The queues are taken away, and nobody may make them again: nothing that is announced can be routed.

use habeas_test_support::{
    shared::{TestVhost, amqp_vhost},
    wait,
};
use habeas_tests::{
    crowd::{Crowd, LIMIT},
    house::{House, Plan},
};
use reqwest::Method;
use serde_json::{Value, json};

const PEOPLE: u32 = 10;

/// A user of the broker's who may make queues, until told otherwise.
struct User<'a> {
    vhost: &'a TestVhost,
    name: String,
}

impl<'a> User<'a> {
    async fn create(vhost: &'a TestVhost) -> Self {
        let user = Self { vhost, name: format!("user_of_{}", vhost.name) };
        let account = json!({ "password": "guest", "tags": "" });
        let path = format!("users/{}", user.name);
        vhost.access().call(Method::PUT, &path, Some(account)).await.unwrap();
        user.may_configure(".*").await;
        user
    }

    async fn may_configure(&self, what: &str) {
        let rights = json!({ "configure": what, "write": ".*", "read": ".*" });
        let path = format!("permissions/{}/{}", self.vhost.name, self.name);
        self.vhost.access().call(Method::PUT, &path, Some(rights)).await.unwrap();
    }

    fn url(&self) -> String {
        self.vhost.url.replacen("//guest:", &format!("//{}:", self.name), 1)
    }

    async fn remove(self) {
        let path = format!("users/{}", self.name);
        self.vhost.access().call(Method::DELETE, &path, None).await.unwrap();
    }
}

async fn delete_all_queues(vhost: &TestVhost) {
    let listed = vhost.access().get(&format!("queues/{}", vhost.name)).await.unwrap();
    for queue in listed.as_array().unwrap().iter().filter_map(|queue| queue["name"].as_str()) {
        let path = format!("queues/{}/{queue}", vhost.name);
        let _gone: Value = vhost.access().call(Method::DELETE, &path, None).await.unwrap();
    }
}

/// What the alert "the outbox is not being emptied" watches.
async fn oldest_seconds(house: &House) -> f64 {
    let metrics = house.metrics().await.unwrap();
    let line = metrics.lines().find(|line| line.starts_with("habeas_outbox_oldest_seconds"));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_routed_stays_in_the_outbox_raises_the_alarm_and_heals() {
    let vhost = amqp_vhost().await.unwrap();
    let user = User::create(&vhost).await;
    let plan = Plan { people: PEOPLE, amqp_url: Some(user.url()), ..Plan::default() };
    let house = House::build(plan).await.unwrap();
    let crowd = Crowd::of(PEOPLE);
    let submitted = crowd.submit(&house).await.unwrap();
    let mails_each = 2;
    house.sink.wait_for(|mails| mails.len() >= mails_each * submitted, LIMIT).await.unwrap();
    wait::until("the outbox to be empty", LIMIT, || async {
        house.outbox().await.is_ok_and(|kept| kept == 0)
    })
    .await
    .unwrap();

    user.may_configure("^$").await;
    delete_all_queues(&vhost).await;
    crowd.verify(&house).await.unwrap();
    let kept = house.outbox().await.unwrap();
    assert!(kept >= i64::from(PEOPLE), "each press is announced: {kept}");
    wait::until("the alarm", LIMIT, || async { oldest_seconds(&house).await > 3.0 }).await.unwrap();
    assert!(house.outbox().await.unwrap() >= kept, "nothing that was not confirmed is forgotten");

    user.may_configure(".*").await;
    crowd.settle(&house, submitted, "queues gone, nothing can be routed").await.unwrap();
    wait::until("the outbox to be empty", LIMIT, || async {
        house.outbox().await.is_ok_and(|kept| kept == 0)
    })
    .await
    .unwrap();
    drop(house);
    user.remove().await;
}
