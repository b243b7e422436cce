//! Legal holds at the command line.

use std::path::Path;

use crate::program::Program;

const PLACE: [&str; 6] = ["hold", "place", "--reason", "Case 2027-031", "--output", "json"];

/// With the manifest of the compose file: what stores find people by is what can be put on hold.
fn with_a_store() -> Program {
    let stores = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/compose/stores");
    Program::installed("").env("HABEAS__STORES__FOLDER", &stores.to_string_lossy())
}

#[test]
fn a_hold_is_placed_shown_and_lifted() {
    let program = with_a_store();
    let place = [PLACE.as_slice(), &["--email", "hanako@example.jp", "--review-on", "2027-12-01"]].concat();
    let placed = program.run(&place);
    assert_eq!(placed.code, 0, "{placed:?}");
    let id = placed.json()["id"].as_str().unwrap().to_owned();
    let all = program.run(&["hold", "list", "--output", "json"]);
    assert_eq!(all.json()["holds"][0]["review_on"], "2027-12-01");
    assert!(!all.out.contains("hanako") && !all.out.contains("2027-031"), "{all:?}");
    let lifted = program.run(&["hold", "lift", &id, "--note", "settled"]);
    assert_eq!(lifted.code, 0, "{lifted:?}");
    let again = program.run(&["hold", "lift", &id, "--note", "settled"]);
    assert_ne!(again.code, 0, "once");
    let shown = program.run(&["hold", "show", &id, "--output", "json"]).json();
    assert_eq!((&shown["reason"], &shown["lift_note"]), (&"Case 2027-031".into(), &"settled".into()));
    assert_eq!(shown["keys"][0]["value"], "hanako@example.jp");
    let events: Vec<&str> =
        shown["trail"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["hold-placed", "hold-lifted", "hold-seen"]);
    let text = program.run(&["hold", "show", &id]);
    assert!(text.out.contains("email hanako@example.jp"), "{text:?}");
    let stopped = program.run(&["hold", "list", "--output", "json"]).json();
    assert_eq!(stopped["holds"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_would_stop_nothing_is_refused_by_its_option() {
    let program = with_a_store();
    for (more, named) in [
        (["--key", "shoe_size=42"].as_slice(), "--key"),
        (&["--phone", "+81 90-0000-0000"], "--phone"),
        (&["--email", "hanako"], "--email"),
        (&["--request", "HB-0000-0000"], "no such request"),
        (&[], "--email"),
    ] {
        let ran = program.run(&[PLACE.as_slice(), more].concat());
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(format!("{ran:?}").contains(named), "{more:?}: {ran:?}");
        assert!(!format!("{ran:?}").contains("hanako"), "no value is repeated");
    }
    let all = program.run(&["hold", "list", "--lifted", "--output", "json"]).json();
    assert_eq!(all["holds"].as_array().map(Vec::len), Some(0));
}
