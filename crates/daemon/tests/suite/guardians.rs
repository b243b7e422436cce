//! A child's account, against the running daemon: the child's click opens nothing, the guardian on file does, and gets
//! the answer.

use std::time::Duration;

use habeas_test_support::{Person, mailbox, wait};
use serde_json::json;

use crate::house::House;

const CHILD: &str = "hanako@example.jp";
const PARENT: &str = "ichiro@example.jp";

fn submit(house: &House, guardian: &str) -> String {
    let child = ["--child", "--child-age", "9", "--guardian-name", "山田 一郎", "--guardian-email", guardian];
    house.submit(CHILD, &child)
}

async fn confirm(house: &House, address: &str) {
    let link = house.link(address, "/confirm/").await;
    Person::new().unwrap().confirm(&link).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guardian_on_file_opens_a_childs_request_and_nobody_else() {
    let house = House::build("").await;
    let id = submit(&house, PARENT);
    let standing = |id: &str| {
        let shown = house.json(&["request", "show", id]);
        (shown["status"].clone(), shown["guardian"].clone(), shown["waits_for"].clone())
    };
    confirm(&house, CHILD).await;
    let waiting = json!("awaiting-verification");
    assert_eq!(standing(&id), (waiting.clone(), json!("named"), json!(["guardian"])));
    confirm(&house, PARENT).await;
    house.link(PARENT, "/package/").await;
    assert_ne!(standing(&id).0, waiting);
    let mails = mailbox::in_folder(&house.program.path("habeas-data/mail"), CHILD).unwrap();
    assert!(
        mails.iter().all(|mail| mail.link_with("/package/").is_err()),
        "the package goes to the guardian alone"
    );

    let stranger = submit(&house, "stranger@example.com");
    confirm(&house, "stranger@example.com").await;
    let left_to_staff = (waiting, json!("confirmed"), json!(["staff-guardian"]));
    let asked = wait::until("the stores to be asked", Duration::from_mins(1), || async {
        standing(&stranger) == left_to_staff
    });
    asked.await.unwrap();
    assert_eq!(house.program.run(&["audit", "verify"]).code, 0);
}
