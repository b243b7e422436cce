//! What is in a package.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use habeas_domain::{Bilingual, Language, Right, letter::Kept};
use sha2::{Digest, Sha256};

use super::common::{info, parts, unpack, unpacked_text, withheld, write};

fn access() -> Vec<u8> {
    write(info(Right::Access, Language::Ja), parts(), &withheld()).1
}

/// The page with its style and the style's hash taken out: how it looks is no matter of a snapshot.
fn unstyled(package: &[u8], path: &str) -> String {
    let page = unpacked_text(package, path);
    let (before, rest) = page.split_once("<style>").unwrap();
    let (style, after) = rest.split_once("</style>").unwrap();
    let hash = format!("sha256-{}", STANDARD.encode(Sha256::digest(style)));
    assert!(before.contains(&hash), "the policy admits this style");
    format!("{}<style>[style]</style>{after}", before.replace(&hash, "[hash]"))
}

#[test]
fn the_first_page_in_japanese() {
    insta::assert_snapshot!(unstyled(&access(), "index.html"));
}

#[test]
fn the_first_page_of_an_incomplete_english_package() {
    let mut info = info(Right::Access, Language::En);
    info.undone = vec!["Loyalty Card".to_owned()];
    let (_, package) = write(info, parts().split_off(2), &[]);
    insta::assert_snapshot!(unstyled(&package, "index.html"));
}

#[test]
fn what_is_withheld() {
    insta::assert_snapshot!(unstyled(&access(), "withheld.html"));
}

#[test]
fn nothing_withheld_is_said_plainly() {
    let (_, package) = write(info(Right::Access, Language::En), parts(), &[]);
    let page = unpacked_text(&package, "withheld.html");
    assert!(page.contains("Nothing was withheld."));
    assert!(page.contains("お渡ししていないデータはありません。"));
}

#[test]
fn what_an_earlier_deletion_keeps_is_named_with_its_reason_and_end() {
    let mut info = info(Right::Access, Language::En);
    let said = |en: &str, ja: &str| Bilingual { en: en.to_owned(), ja: ja.to_owned() };
    info.kept = vec![Kept {
        what: said("Orders <1>", "ご注文"),
        reason: said("tax law", "税法"),
        until: NaiveDate::from_ymd_opt(2033, 5, 31),
        rows: 2,
    }];
    let (_, package) = write(info, parts(), &[]);
    let pages = ["index.html", "withheld.html"].map(|name| unpacked_text(&package, name));
    for page in &pages {
        assert!(page.contains("Kept after an earlier deletion") && page.contains("以前の削除の後も"));
        assert!(!page.contains("Everything that your request covers"));
    }
    for told in ["Orders &lt;1&gt;", "tax law", "税法", "2033", "nothing else is done with it"] {
        assert!(pages[1].contains(told), "{told}: {}", pages[1]);
    }
}

#[test]
fn nothing_held_is_said_plainly() {
    let (summary, package) = write(info(Right::Access, Language::En), Vec::new(), &[]);
    assert_eq!(summary.rows, 0);
    let page = unpacked_text(&package, "index.html");
    assert!(page.contains("found nothing about you"));
    assert!(page.contains("お客様に関するデータは見つかりませんでした。"));
}

#[test]
fn nothing_held_is_not_claimed_of_stores_that_were_not_read() {
    let mut info = info(Right::Access, Language::En);
    info.undone = vec!["Loyalty Card".to_owned()];
    let (_, package) = write(info, Vec::new(), &[]);
    let files = unpack(&package);
    for name in ["index.html", "withheld.html", "README.txt"] {
        let page = String::from_utf8_lossy(&files[name]);
        assert!(!page.contains("We looked in every place"), "{name}");
        assert!(!page.contains("Everything that your request covers"), "{name}");
    }
    assert!(String::from_utf8_lossy(&files["index.html"]).contains("<li>Loyalty Card</li>"));
    assert!(String::from_utf8_lossy(&files["README.txt"]).contains("- Loyalty Card"));
}

#[test]
fn rows_as_csv() {
    let csv = unpacked_text(&access(), "data/shop/public.orders.csv");
    assert!(csv.starts_with('\u{feff}'));
    insta::assert_snapshot!(csv.replace("\r\n", "␍␊\n"));
}

#[test]
fn rows_as_json() {
    insta::assert_snapshot!(unpacked_text(&access(), "data/shop/public.orders.json"));
}

#[test]
fn the_schema_of_a_collection() {
    insta::assert_snapshot!(unpacked_text(&access(), "schema/shop/customer.schema.json"));
}

#[test]
fn the_manifest() {
    let manifest = unpacked_text(&access(), "manifest.json");
    // Hashes of compressed pages would make this snapshot change with every comma of a page.
    insta::with_settings!({ filters => vec![
        (r#""sha256": "[0-9a-f]{64}""#, r#""sha256": "[64 digits]""#),
        (r#""bytes": \d+"#, r#""bytes": "[number]""#),
        (r#""value": "[A-Za-z0-9+/]{86}==""#, r#""value": "[signature]""#),
    ] }, { insta::assert_snapshot!(manifest) });
}

#[test]
fn the_read_me() {
    let text = unpacked_text(&access(), "README.txt");
    assert!(text.starts_with('\u{feff}'));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

#[test]
fn portability_explains_less_and_says_what_it_covers() {
    let (_, package) = write(info(Right::Portability, Language::En), parts(), &[]);
    let page = unpacked_text(&package, "index.html");
    assert!(page.contains("This package holds only what you gave us yourself."));
    assert!(!page.contains("class=\"kinds\""));
    assert!(unpacked_text(&package, "schema/shop/customer.schema.json").contains("\"user.contact.email\""));
}

#[test]
fn the_persons_language_comes_first() {
    let japanese = unpacked_text(&access(), "index.html");
    assert!(japanese.contains("<html lang=\"ja\">"));
    assert!(japanese.find("お客様の権利") < japanese.find("Your rights"));
    let english = unpacked_text(&write(info(Right::Access, Language::En), parts(), &[]).1, "index.html");
    assert!(english.contains("<html lang=\"en\">"));
    assert!(english.find("Your rights") < english.find("お客様の権利"));
}

#[test]
fn every_link_leads_to_a_file_or_a_place_on_the_page() {
    let files = unpack(&access());
    for name in ["index.html", "withheld.html"] {
        let page = String::from_utf8_lossy(&files[name]).replace("&#x2f;", "/");
        let links: Vec<&str> =
            page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(!links.is_empty());
        for link in links {
            let found = match link.strip_prefix('#') {
                Some(anchor) => page.contains(&format!("id=\"{anchor}\"")),
                None => files.contains_key(link),
            };
            assert!(found, "{name}: {link}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (first, one) = write(info(Right::Access, Language::Ja), parts(), &withheld());
    let (second, two) = write(info(Right::Access, Language::Ja), parts(), &withheld());
    assert_eq!(one, two);
    assert_eq!(first, second);
}
