//! Values and names that mean harm.

use habeas_domain::{Language, Right, Value, schema::FieldType};

use super::common::{collection, field, info, text, unpack, unpacked_text, verify, withheld, write};

const NASTY: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "=HYPERLINK(\"http://attacker.example.com\")",
    "+81",
    "@SUM(A1:A9)",
    "\t=1+1",
    "gpj.\u{202e}exe\u{2067}",
    "a\0b\u{1b}[31m",
    "a,b;\"c\"\r\nd",
];

fn nasty() -> Vec<u8> {
    let info_of_collection = collection(
        "shop",
        "<b>Shop</b>",
        "../<x>\"'",
        ("<i>Title</i>", "表題</h3>"),
        vec![
            field("=cmd", Some(("<u>Field</u>", "項目\"")), None, FieldType::Text),
            field("number", None, None, FieldType::Int),
        ],
    );
    let rows = NASTY.iter().map(|value| vec![text(value), Value::Int(-5)]).collect();
    let mut info = info(Right::Access, Language::En);
    "<Example> & \"Co\"".clone_into(&mut info.controller);
    info.undone = vec!["<s>Gone</s>".to_owned()];
    write(info, vec![(info_of_collection, rows)], &withheld()).1
}

#[test]
fn nothing_of_it_becomes_markup() {
    let files = unpack(&nasty());
    for name in ["index.html", "withheld.html"] {
        let page = String::from_utf8(files[name].clone()).unwrap();
        for tag in ["<script", "<img", "<b>", "<i>", "<u>", "<s>", "<Example>", "<x>"] {
            assert!(!page.contains(tag), "{tag} in {name}");
        }
        assert!(!page.contains(['\0', '\u{1b}']), "{name}");
        assert_eq!(page.matches("</h3>").count(), page.matches("<h3").count(), "{name}");
    }
    let page = String::from_utf8_lossy(&files["index.html"]);
    assert!(page.contains("&lt;script&gt;"));
    assert!(page.contains("{{ 7 * 7 }}{% raw %}"));
    assert!(page.contains("<bdi>gpj.\u{202e}exe\u{2067}</bdi>"), "isolated from what follows");
}

#[test]
fn pages_ask_nothing_of_the_network_and_run_nothing() {
    let files = unpack(&nasty());
    for name in ["index.html", "withheld.html"] {
        let page = String::from_utf8_lossy(&files[name]);
        assert!(page.contains("content=\"default-src 'none'; style-src 'sha256-"), "{name}");
        for loaded in ["src=", "<link", "@import", "url(", "<iframe", "style=", "onclick"] {
            assert!(!page.replace("&lt;img src=x", "").contains(loaded), "{loaded} in {name}");
        }
    }
}

#[test]
fn no_cell_is_a_formula_and_numbers_stay_numbers() {
    let package = nasty();
    let bytes = unpacked_text(&package, "data/shop/__x___.csv");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(bytes.trim_start_matches('\u{feff}').as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), NASTY.len() + 1);
    assert_eq!(&records[0][0], "'=cmd");
    for record in &records[1..] {
        assert!(!record[0].starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", &record[0]);
        assert!(!record[0].contains(['\0', '\u{1b}']));
        assert_eq!(&record[1], "-5");
    }
    assert_eq!(&records[10][0], NASTY[9], "line ends inside a value stay as they are");
}

#[test]
fn json_keeps_every_value_as_it_is() {
    let package = nasty();
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&unpacked_text(&package, "data/shop/__x___.json")).unwrap();
    let values: Vec<&str> = rows.iter().map(|row| row["=cmd"].as_str().unwrap()).collect();
    assert_eq!(values, NASTY);
    assert!(rows.iter().all(|row| row["number"] == -5));
}

#[test]
fn names_of_files_are_plain() {
    for name in unpack(&nasty()).keys() {
        assert!(!name.starts_with('/') && !name.split('/').any(|part| part.starts_with('.')), "{name}");
        assert!(name.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c)), "{name}");
    }
}

#[test]
fn a_value_of_a_mebibyte_is_whole_in_the_files_and_short_on_the_page() {
    let long = "長".repeat((1 << 20) / 3);
    let part = collection(
        "shop",
        "Shop",
        "note",
        ("Notes", "メモ"),
        vec![field("text", None, None, FieldType::Text)],
    );
    let (_, package) = write(info(Right::Access, Language::En), vec![(part, vec![vec![text(&long)]])], &[]);
    assert!(unpacked_text(&package, "data/shop/note.json").contains(&long));
    assert!(unpacked_text(&package, "data/shop/note.csv").contains(&long));
    let page = unpacked_text(&package, "index.html");
    assert!(page.len() < 64 * 1024);
    assert!(page.contains("</bdi><span class=\"more\" title=\"shortened\"> …</span>"));
    verify(&package).unwrap();
}
