//! Manifests that are right by themselves and wrong together.

use habeas_registry::{Code, Finding, Manifest, Registry};

use crate::{lines, store};

const PEOPLE: &str = r#"
[[collection]]
name = "people"
title = { en = "People", ja = "会員" }
fields.email = { key = "email", category = "user.contact.email" }
fields.no    = { key = "member_no" }
delete = "rows"
"#;

fn findings(manifests: Vec<Manifest>) -> Vec<Finding> {
    match Registry::from_manifests(manifests) {
        Ok(registry) => registry.warnings().to_vec(),
        Err(findings) => findings,
    }
}

fn codes(manifests: Vec<Manifest>) -> Vec<Code> {
    findings(manifests).iter().map(|finding| finding.code).collect()
}

fn visits(key: &str) -> String {
    format!(
        "\n[[collection]]\nname = \"visits\"\ntitle = {{ en = \"Visits\", ja = \"来店\" }}\ndelete = \"rows\"\nfields.who = {{ key = \"{key}\", category = \"user.id\" }}\n"
    )
}

#[test]
fn nothing_is_found_where_all_is_well() {
    assert_eq!(findings(vec![store("a", PEOPLE), store("b", &visits("member_no"))]), []);
}

#[test]
fn one_name_for_two_stores() {
    assert_eq!(codes(vec![store("a", PEOPLE), store("a", PEOPLE)]), [Code::DuplicateStore]);
}

#[test]
fn two_rules_for_one_key() {
    let a = store("a", &format!("[[key]]\nname = \"member_no\"\nceiling = 5\n{PEOPLE}"));
    let b = store("b", &format!("[[key]]\nname = \"member_no\"\nceiling = 6\n{}", visits("member_no")));
    assert_eq!(codes(vec![a.clone(), b]), [Code::KeyConflict]);
    let same = store("b", &format!("[[key]]\nname = \"member_no\"\nceiling = 5\n{}", visits("member_no")));
    assert_eq!(codes(vec![a, same]), []);
}

#[test]
fn a_collection_that_no_chain_reaches() {
    assert_eq!(codes(vec![store("a", PEOPLE), store("b", &visits("visitor"))]), [Code::Unreachable]);
}

#[test]
fn a_shared_key_leads_nowhere() {
    let shared = format!("[[key]]\nname = \"member_no\"\nshared = true\n{PEOPLE}");
    assert_eq!(codes(vec![store("a", &shared), store("b", &visits("member_no"))]), [Code::Unreachable]);
}

#[test]
fn the_starting_key_cannot_be_shared() {
    let shared = format!(
        "[[key]]\nname = \"email\"\nshared = true\nidentifying = true\ncompare = \"caseless\"\n{PEOPLE}"
    );
    assert_eq!(codes(vec![store("a", &shared)]), [Code::StartKeyShared]);
}

#[test]
fn what_works_and_is_odd() {
    let odd = r#"
[[key]]
name = "fax"

[[collection]]
name = "people"
fields.email = { key = "email" }
fields.no    = { category = "user.no", remains = "Counted." }
fields.name  = { category = "user.name", delete = "null", keep = { reason = "They asked.", until = "born_on + 1y" } }
fields.id    = { key = "people_id" }

[[collection]]
name = "People"
title = { en = "People", ja = "会員" }
fields.id = { key = "people_id" }
fields.email = { key = "email", category = "user.contact.email", delete = "null" }
"#
    .replace("{ key = \"email\" }", "{ key = \"email\", delete = \"null\" }");
    let text = "[store]\nname = \"odd\"\ndriver = \"mysql\"\nurl = \"mysql://u:hunter2@db.test/x\"\nproduct = \"X\"\n";
    let registry = Registry::from_manifests(vec![crate::manifest(&format!("{text}{odd}"))])
        .map_err(|f| lines(&f))
        .unwrap();
    insta::assert_snapshot!(lines(registry.warnings()));
}

/// Whoever has such a number on file and nothing else could never be sent a code; the remark says which field, and the fix.
#[test]
fn a_number_of_which_nothing_says_whose_it_is() {
    let fields = r#"
fields.mobile    = { category = "user.contact.phone", correct = "phone", delete = "null" }
fields.landline  = { category = "user.contact.phone.home", delete = "null" }
fields.billing   = { category = "user.contact.email", correct = "email", delete = "null" }
fields.emergency = { category = "user.family", correct = "phone", own_contact = false, delete = "null" }
fields.own       = { category = "user.contact.phone", correct = "phone", own_contact = true, delete = "null" }
fields.phone     = { key = "phone", category = "user.contact.phone", correct = "phone", delete = "null" }
fields.parent    = { guardian = true, category = "user.family", correct = "email", delete = "null" }
"#;
    let people = "
[[collection]]
name = \"people\"
title = { en = \"People\", ja = \"会員\" }
fields.email = { key = \"email\", category = \"user.contact.email\", correct = \"email\", delete = \"null\" }
";
    let said = store("crm", &format!("{people}{fields}"));
    let registry = Registry::from_manifests(vec![said]).map_err(|found| lines(&found)).unwrap();
    insta::assert_snapshot!(lines(registry.warnings()));
    let shared = "[[key]]\nname = \"phone\"\nshared = true\n";
    let codes = codes(vec![store("crm", &format!("{shared}{people}{fields}"))]);
    assert_eq!(codes, [Code::WhoseContact; 3], "a shared key says that it is not the person's own");
}
