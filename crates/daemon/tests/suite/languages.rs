//! A further language is a further file of rules: nothing else.

use serde_json::json;

use crate::program::Program;

const GERMAN: &str = include_str!("../rules/de.toml");

const MAIL: &str = "From: Jürgen Beispiel <juergen@example.com>\nTo: privacy@example.com\nSubject: Meine Daten\n\
    Content-Type: text/plain; charset=utf-8\n\n\
    Sehr geehrte Damen und Herren,\n\n\
    bitte löschen Sie alle meine Daten gemäß Art. 17 Abs. 1 DSGVO, und zwar unverzüglich. Eine Auskunft brauche ich nicht.\n\
    Meine Nummer ist 030 00000000.\n\n\
    Mit freundlichen Grüßen\nJürgen Beispiel\n";

fn with_rules(text: &str) -> Program {
    let program = Program::with("[requests]\nmail_rules_folder = \"rules\"\n");
    program.write("rules/de.toml", text);
    program.write("mail.eml", MAIL);
    program
}

#[test]
fn a_third_language_is_one_more_file() {
    let ran = with_rules(GERMAN).run(&["mail", "explain", "mail.eml", "--output", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = ran.json();
    assert_eq!(told["language"], "de");
    assert_eq!(told["letters"], "en", "no letters are written in German");
    assert_eq!(told["verdict"], "request", "{told}");
    let rights = json!([{
        "right": "deletion", "sure": true, "words": ["bitte", "lösch", "meine", "daten"], "by_staff": false,
    }]);
    assert_eq!(told["rights"], rights);
    assert_eq!((told["regime"].clone(), told["urgent"].clone()), (json!("eu_gdpr"), json!(["unverzüglich"])));
    assert_eq!(told["identifiers"], json!([{ "kind": "phone", "value": "+493000000000" }]));
}

#[test]
fn the_marks_of_mail_programs_come_with_the_file_of_their_language() {
    let program = with_rules(GERMAN);
    let own = "bitte löschen Sie alle meine Daten.";
    for (number, history) in [
        "Am 16.11.2026 um 9:12 hat geschrieben:\n\nEine Auskunft über meine Daten?",
        "-----Ursprüngliche E-Mail-----\n\nBitte um Auskunft über meine Daten.",
        "Absender: Amt <amt@example.com>\nGesendet am: 16.11.2026\n\nBitte um Auskunft über meine Daten.",
        "Diese Nachricht ist vertraulich. Bitte Kopie meiner Daten.",
        "Unterwegs gesendet",
    ]
    .into_iter()
    .enumerate()
    {
        let file = format!("answer-{number}.eml");
        let head = "From: anna@example.com\nContent-Type: text/plain; charset=utf-8\n\n";
        program.write(&file, &format!("{head}{own}\n\n{history}\n"));
        let told = program.run(&["mail", "explain", &file, "--output", "json"]).json();
        assert_eq!(told["text"], own, "{history}");
        let without = ["mail", "explain", &file, "--rules", "none", "--output", "json"];
        program.write("none/readme.txt", "");
        assert_ne!(program.run(&without).json()["text"], own, "{history}");
    }
}

#[test]
fn without_the_file_the_language_is_not_known() {
    let program = Program::with("");
    program.write("mail.eml", MAIL);
    let told = program.run(&["mail", "explain", "mail.eml", "--output", "json"]).json();
    assert_ne!(told["language"], "de");
    assert_ne!(told["verdict"], "request", "an article that is cited is not enough");
    program.write("elsewhere/de.toml", &GERMAN.replacen("calling_code", "letters = \"ja\"\ncalling_code", 1));
    let ran = program.run(&["mail", "explain", "mail.eml", "--rules", "elsewhere"]);
    assert!(ran.out.contains("de (letters go out in ja)"), "{ran:?}");
}

#[test]
fn a_file_with_a_slip_is_refused_with_its_line() {
    for (from, to, told) in [
        ("erase mine facts ask", "erase mine fcats ask", "de.toml:28: right[0].sure[0]: no class of words"),
        (
            "[\"bitte\", \"ford",
            "[\"Bitte\", \"ford",
            "de.toml:17: words.ask[0]: write it in its normal form: bitte",
        ),
        ("within = 60", "within = \"far\"", "de.toml:6: within: invalid type"),
    ] {
        let program = with_rules(&GERMAN.replacen(from, to, 1));
        let ran = program.run(&["mail", "explain", "mail.eml"]);
        assert_eq!(ran.code, 78, "{ran:?}");
        assert!(ran.err.contains(told) && ran.err.contains("fix: correct the data file"), "{ran:?}");
    }
    let away = Program::with("[requests]\nmail_rules_folder = \"nowhere\"\n").run(&["mail", "explain", "-"]);
    assert_eq!(away.code, 78, "{away:?}");
    assert!(away.err.contains("fix: correct requests.mail_rules_folder"), "{away:?}");
}
