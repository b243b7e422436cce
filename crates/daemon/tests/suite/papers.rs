//! A document as the last resort, against the running daemon: asked for, handed in on the page, judged by two, gone.

use habeas_test_support::Person;
use serde_json::json;

use crate::house::House;

const HANAKO: &str = "hanako@example.jp";

fn staff(house: &House, name: &str) -> String {
    house.token(name, "read,approve")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_asked_for_handed_in_judged_by_two_and_destroyed() {
    let house = House::build("[verification]\ndocuments = true\n").await;
    let id = house.submit(HANAKO, &[]);
    let (clerk, one, other) = (staff(&house, "clerk"), staff(&house, "one"), staff(&house, "other"));
    let ask =
        ["request", "paper", "ask", &id, "--kind", "identity-document", "--reason", "Doubts.", "--token"];
    let asked = house.json(&[&ask[..], &[&clerk]].concat());
    assert_eq!(asked["status"], "asked");
    let paper = asked["id"].as_str().unwrap().to_owned();

    let person = Person::new().unwrap();
    person.confirm(&house.link(HANAKO, "/confirm/").await).await.unwrap();
    let shown = house.json(&["request", "show", &id]);
    assert_eq!(shown["status"], "awaiting-verification", "the link alone is not enough any more: {shown}");
    let page = person.open(&house.link(HANAKO, "/paper/").await).await.unwrap();
    assert!(page.text().contains("マイナンバー"), "{}", page.text());
    let wrong = person.hand_in(&page, "paper", b"PK\x03\x04 an archive").await.unwrap();
    assert_eq!(wrong.status, 422);
    let taken = person.hand_in(&wrong, "paper", b"%PDF-1.7 of a fictional person").await.unwrap();
    assert_eq!(taken.status, 200);
    let again = person.hand_in(&page, "paper", b"%PDF-1.7 again").await.unwrap();
    assert!(again.status == 200 && again.text().contains("受け取り済み"), "taken once: {}", again.text());

    let file = house.program.path("scan.pdf");
    let save = ["request", "paper", "save", &paper, "--to", file.to_str().unwrap(), "--token", &one];
    house.json(&save);
    assert_eq!(std::fs::read(&file).unwrap(), b"%PDF-1.7 of a fictional person");
    let judge = |token: &str| {
        let judge = ["request", "paper", "judge", &paper, "--decision", "accepted", "--note", "Fits."];
        house.run(&[&judge[..], &["--token", token]].concat())
    };
    assert_eq!(judge(&clerk).code, 1, "whoever asked does not judge");
    assert_eq!(judge(&one).json()["status"], "given");
    assert_eq!(judge(&one).code, 1, "nor anybody twice");
    assert_eq!(judge(&other).json()["status"], "accepted");
    assert_ne!(house.json(&["request", "show", &id])["status"], "awaiting-verification");
    assert_eq!(house.run(&["request", "paper", "save", &paper, "--to", "again.pdf"]).code, 1, "it is gone");
    let listed = house.json(&["request", "paper", "list", &id]);
    assert_eq!(listed["papers"][0]["reason"], json!("Doubts."));
    assert_eq!(listed["papers"][0]["judgements"][1]["note"], json!("Fits."));
    let trail = house.run(&["request", "show", &id, "--trail"]);
    assert!(trail.out.contains("paper-decided") && !trail.out.contains("Doubts."), "{trail:?}");
    assert_eq!(house.run(&["audit", "verify"]).code, 0);
}
