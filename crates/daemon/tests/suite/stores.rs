//! What ops do with stores at the command line.

use std::path::Path;

use crate::program::Program;

#[test]
fn who_closed_a_store_and_reopened_it_is_told_when_it_is_open_again() {
    let stores = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/compose/stores");
    let program = Program::installed("").env("HABEAS__STORES__FOLDER", &stores.to_string_lossy());
    let none = program.run(&["store", "closings", "--store", "shop", "--output", "json"]);
    assert_eq!(none.json()["closings"].as_array().map(Vec::len), Some(0), "{none:?}");
    let typo = program.run(&["store", "closings", "--store", "shoop"]);
    assert!(typo.code == 2 && typo.err.contains("no manifest declares the store shoop"), "{typo:?}");
    for reason in ["its disk failed", "its disk failed again"] {
        assert_eq!(program.run(&["store", "close", "shop", "--reason", reason]).code, 0);
        let reopen = ["store", "reopen", "shop", "--without-re-erasing", "--reason", "nothing was restored"];
        assert_eq!(program.run(&reopen).code, 0);
    }
    let listed = program.run(&["store", "closings", "--output", "json"]).json();
    let first = &listed["closings"][1];
    assert_eq!(
        (&first["store"], &first["reason"], &first["without_re_erasing"], &first["re_erased"]),
        (&"shop".into(), &"its disk failed".into(), &"nothing was restored".into(), &0.into()),
        "{listed}"
    );
    let id = first["id"].as_str().unwrap();
    let shown = program.run(&["store", "closing", id, "--output", "json"]).json();
    let events: Vec<_> =
        shown["trail"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["store-closed", "store-reopened"], "{shown}");
    let text = program.run(&["store", "closing", id]).out;
    assert!(text.contains("although") && text.contains("store-reopened"), "{text}");
    let list = program.run(&["store", "closings"]).out;
    assert!(list.contains(id) && list.contains("ERASED AGAIN"), "{list}");
    let unknown = program.run(&["store", "closing", "0193b5c0-1234-7000-8000-000000000001"]);
    assert!(unknown.code != 0 && unknown.err.contains("closing"), "{unknown:?}");
}
