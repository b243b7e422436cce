//! A correction of what no store corrects is refused where somebody hands it in: else the person would be told, by nobody's
//! decision, that their data could not be corrected.

use serde_json::json;

use crate::house::{House, MANIFEST, ROWS};

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_in_a_correction_is_told_with_what_can_be_corrected() {
    let manifest = MANIFEST.replace(
        r#"category = "user.name", provided = true }"#,
        r#"category = "user.name", provided = true, correct = "name" }"#,
    );
    let house = House::of("", &manifest, ROWS).await;
    let asks = ["request", "submit", "--email", "hanako@example.jp", "--right", "correction", "--correct"];
    let submit = |what: &str| house.program.run(&[&asks[..], &[what]].concat());
    let slip = submit("user.nme:name=A B");
    assert_eq!(slip.code, 2, "{slip:?}");
    let told = "corrections[0].category: no store corrects user.nme as name (did you mean user.name?); what can be corrected: user.name:name";
    assert!(slip.err.contains(told), "{slip:?}");

    let body = |category: &str| {
        let one = json!({ "category": category, "type": "name", "value": "A B" });
        json!({ "subject": { "email": "hanako@example.jp" }, "rights": ["correction"], "corrections": [one] })
    };
    let (status, problem) = house.post_request(&body("user.nme")).await;
    assert_eq!(status, 422, "{problem}");
    assert_eq!(problem["errors"][0]["code"], "not-correctable", "{problem}");
    let line = body("user.nme").to_string();
    house.program.write("many.ndjson", &line);
    let bulk = ["request", "submit", "--bulk", "many.ndjson", "--agent-name", "An Agent"];
    let of = ["--agent-email", "agent@example.com", "--mandate", "signed-permission"];
    let many = house.program.run(&[&bulk[..], &of].concat());
    assert!(many.code == 1 && many.out.contains("no store corrects user.nme"), "{many:?}");
    assert_eq!(house.json(&["request", "list"])["requests"], json!([]), "nothing was taken");

    assert_eq!(submit("user.name:name=A B").code, 0);
    assert_eq!(house.post_request(&body("user.name")).await.0, 201);
}
