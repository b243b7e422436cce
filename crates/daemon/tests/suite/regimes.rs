//! The laws at the command line, as a privacy team reads them.

use crate::program::{Program, Ran};

fn ok(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

#[test]
fn laws_that_the_configuration_leaves_out_are_not_listed() {
    let program =
        Program::with("[requests]\ndefault_regime = \"jp_appi\"\nregimes = [\"jp_appi\", \"eu_gdpr\"]\n");
    let listed = ok(program.run(&["regime", "list", "--output", "json"])).json();
    let ids: Vec<&str> =
        listed["regimes"].as_array().unwrap().iter().filter_map(|law| law["id"].as_str()).collect();
    assert_eq!(ids, ["eu_gdpr", "jp_appi"]);
    let left_out = ok(program.run(&["regime", "show", "us_ca"]));
    assert!(left_out.out.contains("requests.regimes leaves it out"), "{left_out:?}");
    let taken = ok(program.run(&["regime", "show", "jp_appi"]));
    assert!(!taken.out.contains("leaves it out"), "{taken:?}");
}

#[test]
fn a_law_is_shown_with_its_rules_for_agents_and_children() {
    let program = Program::with("");
    insta::assert_snapshot!("regimes", ok(program.run(&["regime", "list"])).out);
    insta::assert_snapshot!("regime-us-ca", ok(program.run(&["regime", "show", "us_ca"])).out);
    let json = ok(program.run(&["regime", "show", "jp_appi", "--output", "json"])).json();
    assert!(json["agents"]["without_confirmation"].is_object() && json["child"]["age"]["value"].is_number());
    let all = ok(program.run(&["regime", "list", "--output", "json"])).json();
    assert_eq!(all["regimes"].as_array().map(Vec::len), Some(4));
    let unknown = program.run(&["regime", "show", "xx_none"]);
    assert!(unknown.code == 1 && unknown.err.contains("regime list"), "{unknown:?}");
}
