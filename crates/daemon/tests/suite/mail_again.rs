//! A person says that no mail came: staff have it sent again, to the address of the request and no other.

use std::{collections::BTreeSet, time::Duration};

use habeas_test_support::{Person, mailbox, wait};
use serde_json::json;

use crate::{house::House, program::Program};

const ADDRESS: &str = "hanako@example.jp";

/// The links to such a page that were mailed so far.
fn links(house: &House, place: &str) -> BTreeSet<String> {
    let mails = mailbox::in_folder(&house.program.path("habeas-data/mail"), ADDRESS).unwrap_or_default();
    mails.iter().filter_map(|mail| mail.link_with(place).ok()).collect()
}

/// Waits for one more link than were there, and returns it.
async fn another(house: &House, place: &str, before: &BTreeSet<String>) -> String {
    wait::value("another link", Duration::from_mins(1), || async {
        links(house, place).difference(before).next().cloned()
    })
    .await
    .unwrap()
}

/// Whether the page behind a link offers a package.
async fn offers(link: &str) -> bool {
    let page = Person::new().unwrap().open(link).await.unwrap();
    page.forms().iter().any(|form| form.action.ends_with("/new-code"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_prove_and_one_to_the_package_are_mailed_again() {
    let house = House::build("").await;
    let id = house.submit(ADDRESS, &[]);
    house.link(ADDRESS, "/confirm/").await;
    let first = links(&house, "/confirm/");
    let mailed = house.json(&["request", "mail-again", &id]);
    assert_eq!(mailed["mailed"], json!([{ "leads_to": "verification", "right": null }]));
    let second = another(&house, "/confirm/", &first).await;

    assert_eq!(house.run(&["request", "mail-again", &id]).code, 0, "three a day");
    let fourth = house.run(&["request", "mail-again", &id]);
    assert_eq!(fourth.code, 1, "{fourth:?}");
    assert!(fourth.err.contains("24 hours"), "{fourth:?}");

    Person::new().unwrap().confirm(&second).await.unwrap();
    house.link(ADDRESS, "/package/").await;
    let first = links(&house, "/package/");
    let mailed = house.json(&["request", "mail-again", &id]);
    assert_eq!(mailed["mailed"], json!([{ "leads_to": "package", "right": "access" }]));
    let second = another(&house, "/package/", &first).await;
    assert!(offers(&second).await, "the new link leads to the package");
    assert!(!offers(first.first().unwrap()).await, "the old link has ended");
    let task = r#"{store="shop",right="access",outcome="done"} 1"#;
    let metrics = house.metrics().await;
    for name in ["habeas_tasks_total", "habeas_task_seconds_count"] {
        assert!(metrics.contains(&format!("{name}{task}")), "{metrics}");
    }
    let trail = house.json(&["request", "show", &id, "--trail"])["trail"].to_string();
    assert_eq!(trail.matches("mailed-again").count(), 3, "{trail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_mailed_where_there_is_nothing_to_mail() {
    let house = House::build("").await;
    let id = house.submit(ADDRESS, &[]);
    assert_eq!(house.run(&["request", "withdraw", &id]).code, 0);
    let refused = house.run(&["request", "mail-again", &id]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("nothing to mail again"), "{refused:?}");
}

#[test]
fn no_link_is_mailed_where_only_the_daemon_knows_its_pages() {
    let program = Program::installed("[http]\nlisten = \"127.0.0.1:0\"\n");
    let submit = ["request", "submit", "--email", ADDRESS, "--right", "access", "--output", "json"];
    let id = program.run(&submit).json()["id"].as_str().unwrap().to_owned();
    let refused = program.run(&["request", "mail-again", &id]);
    assert_eq!(refused.code, 78, "{refused:?}");
    assert!(refused.err.contains("http.base_url"), "{refused:?}");
    let trail = program.run(&["request", "show", &id, "--trail"]);
    assert!(!trail.out.contains("mailed-again"), "no older link is made void: {trail:?}");
}
