//! What must be true of every letter, whatever it says.

use crate::{
    common::{both, done, head, package, refused, report, verify},
    samples::letters,
};
use habeas_domain::{
    Language, Letter, Outcome, Personal, Right,
    letter::{JobReport, Kept},
};
use habeas_notification::{Letterhead, RenderError, RenderedMail, Renderer};

fn render(letter: &Letter, head: &Letterhead) -> RenderedMail {
    Renderer::new().unwrap().render(letter, head).unwrap()
}

fn all() -> Vec<(String, Letter, RenderedMail)> {
    let renderer = Renderer::new().unwrap();
    let of = |language: Language| {
        let renderer = &renderer;
        letters().into_iter().map(move |(name, letter)| {
            let mail = renderer.render(&letter, &head(language)).unwrap();
            (format!("{name}.{language}"), letter, mail)
        })
    };
    Language::ALL.into_iter().flat_map(of).collect()
}

#[test]
fn every_letter_says_its_reference_and_how_to_reach_a_person() {
    for (name, _, mail) in all() {
        assert!(mail.subject.contains("HB-7K3M-9QTX"), "{name}");
        for part in [mail.text.expose(), mail.html.expose()] {
            for needed in ["HB-7K3M-9QTX", "privacy@example.com", "0800"] {
                assert!(part.contains(needed), "{name} lacks {needed}");
            }
        }
    }
}

#[test]
fn no_subject_tells_the_persons_name() {
    for (name, _, mail) in all() {
        assert!(!mail.subject.contains("Hanako") && !mail.subject.contains("花子"), "{name}");
    }
}

#[test]
fn every_letter_says_which_language_governs_and_which_notice_applies() {
    for (name, _, mail) in all() {
        let (governs, notice) = match mail.language {
            Language::En => ("the English text counts", "our privacy notice that applies: 2026-04"),
            Language::Ja => ("英語が優先します", "適用されるプライバシーポリシーの版：2026-04"),
        };
        for part in [mail.text.expose(), mail.html.expose()] {
            let flat = part.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.contains(governs) && flat.contains(notice), "{name}");
        }
    }
}

#[test]
fn a_company_without_numbered_notices_names_none() {
    for language in Language::ALL {
        let mail = render(&verify(), &Letterhead { notice_version: None, ..head(language) });
        let named =
            ["privacy notice", "プライバシー通知"].iter().any(|word| mail.text.expose().contains(word));
        assert!(!named, "{language}");
    }
}

#[test]
fn every_kind_of_letter_is_known_by_its_word() {
    let kinds: std::collections::BTreeSet<&str> = letters().iter().map(|(_, letter)| letter.kind()).collect();
    assert_eq!(kinds, std::collections::BTreeSet::from(habeas_domain::Letter::KINDS));
}

/// A request that nobody confirmed is no decision. A correction whose new address nobody confirmed is one.
fn is_unconfirmed(report: &JobReport) -> bool {
    report.outcome == Outcome::Unverified && report.right != Right::Correction
}

#[test]
fn every_decision_promises_fair_treatment() {
    for (name, letter, mail) in all() {
        let decided = matches!(&letter, Letter::JobEnded(report) if !is_unconfirmed(report));
        let promised = match mail.language {
            Language::En => "changes nothing in the service you receive",
            Language::Ja => "サービスの内容が変わることはありません",
        };
        assert!(!decided || mail.text.expose().contains(promised), "{name}");
    }
}

#[test]
fn every_decision_but_a_withdrawal_names_the_complaint_body() {
    for (name, letter, mail) in all() {
        let Letter::JobEnded(report) = &letter else { continue };
        let open = report.outcome == Outcome::Withdrawn || is_unconfirmed(report);
        let body = match mail.language {
            Language::En => "complain to the Information Commissioner's Office",
            Language::Ja => "個人情報保護委員会（ppc.go.jp）に相談",
        };
        assert_eq!(mail.text.expose().contains(body), !open, "{name}");
    }
}

#[test]
fn the_html_loads_nothing_and_runs_nothing() {
    for (name, _, mail) in all() {
        let html = mail.html.expose().to_lowercase().replace("&#x2f;", "/");
        for banned in [
            "<img",
            "<script",
            "<link",
            "<iframe",
            "<table",
            " src=",
            "url(",
            "@import",
            "@font-face",
            "javascript:",
        ] {
            assert!(!html.contains(banned), "{name} has {banned}");
        }
        let links = html.match_indices("href=\"").map(|(start, _)| &html[start + 6..]);
        for link in links {
            assert!(
                link.starts_with("https://privacy.example.com/")
                    || link.starts_with("mailto:privacy@example.com"),
                "{name}"
            );
        }
    }
}

#[test]
fn both_parts_say_the_same() {
    for (name, _, mail) in all() {
        for line in mail.text.expose().lines() {
            let line = line.trim_start_matches(['-', '=', '>', '|', ' ']).trim_end_matches(['=', ' ']);
            for words in line
                .split(": ")
                .flat_map(|words| words.split('：'))
                .filter(|words| !words.contains("privacy@"))
            {
                assert!(
                    mail.html.expose().contains(&escaped(words)),
                    "{name} has only in its text part: {words}"
                );
            }
        }
    }
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('/', "&#x2f;").replace('\'', "&#x27;")
}

#[test]
fn no_two_sentences_stick_together() {
    for (name, _, mail) in all().into_iter().filter(|(_, _, mail)| mail.language == Language::En) {
        for word in mail.text.expose().split_whitespace().filter(|word| !word.contains("://")) {
            let mut rest = word.chars().skip_while(|c| *c != '.').skip(1);
            assert!(!rest.next().is_some_and(char::is_uppercase), "{name}: {word}");
        }
    }
}

#[test]
fn hostile_values_stay_text() {
    let evil = "</p><script>alert(1)</script>{{ 7*7 }}\r\nBcc: x@example.com\u{202e}";
    let mut report = refused();
    report.refusal.as_mut().unwrap().note = serde_json::from_value(evil.into()).unwrap();
    let head = Letterhead {
        controller_name: Some(both(evil, evil)),
        person_name: Personal::new(Some(evil.to_owned())),
        ..head(Language::En)
    };
    let mail = render(&Letter::JobEnded(report), &head);
    assert!(!mail.html.expose().contains("<script"));
    assert!(mail.text.expose().contains("{{ 7*7 }}"));
    assert!(!mail.text.expose().contains(['\u{202e}', '\r']));
    assert!(mail.text.expose().starts_with("Hello,\n"));
}

#[test]
fn without_names_the_letter_opens_neutrally() {
    let bare = |language| Letterhead {
        controller_name: None,
        support: None,
        person_name: Personal::new(None),
        ..head(language)
    };
    let english = render(&verify(), &bare(Language::En));
    assert!(english.text.expose().starts_with("Hello,\n\nWe received"), "{}", english.text.expose());
    assert!(english.text.expose().contains("\nThe privacy team\n"));
    let japanese = render(&verify(), &bare(Language::Ja));
    assert!(japanese.text.expose().starts_with("プライバシー窓口です。\n"), "{}", japanese.text.expose());
}

#[test]
fn a_guardian_is_told_whose_data_it_is_about() {
    let letter = Letter::JobEnded(done(Right::Access));
    for (language, words) in
        [(Language::En, "it means the child"), (Language::Ja, "お子様のデータのことです")]
    {
        let guardian = Letterhead { for_child: true, ..head(language) };
        assert!(render(&letter, &guardian).text.expose().contains(words), "{language:?}");
        assert!(!render(&letter, &head(language)).text.expose().contains(words), "{language:?}");
    }
}

#[test]
fn a_missing_translation_falls_back_to_english() {
    let head = Letterhead { regime_title: both("the UK GDPR", ""), ..head(Language::Ja) };
    let (_, received) = letters().swap_remove(0);
    assert!(render(&received, &head).text.expose().contains("適用される法令：the UK GDPR"));
}

#[test]
fn links_lie_below_our_own_address() {
    for url in [
        "https://privacy.example.com.evil.test/x",
        "https://evil.test/https://privacy.example.com/",
        "http://privacy.example.com/x",
        "javascript:alert(1)",
        "https://privacy.example.com/x\"onclick=\"y",
        "https://privacy.example.com/x y",
    ] {
        let link = Personal::new(url.to_owned());
        let letter =
            Letter::ConfirmNewAddress { link, link_expires_at: crate::common::at("2026-11-22T10:48:19Z") };
        let refused = Renderer::new().unwrap().render(&letter, &head(Language::En));
        assert!(matches!(refused, Err(RenderError::ForeignLink)), "{url}");
    }
}

#[test]
fn a_base_url_may_end_in_a_slash() {
    let head = Letterhead { base_url: "https://privacy.example.com/".to_owned(), ..head(Language::En) };
    assert!(render(&verify(), &head).text.expose().contains("begin with https://privacy.example.com/ –"));
}

#[test]
fn a_copy_without_its_package_and_a_refusal_without_its_reason_are_not_sent() {
    let renderer = Renderer::new().unwrap();
    let copy = Letter::JobEnded(report(Right::Access, Outcome::Done));
    assert!(matches!(renderer.render(&copy, &head(Language::En)), Err(RenderError::Missing("package"))));
    let refusal = Letter::JobEnded(report(Right::Access, Outcome::Refused));
    assert!(matches!(renderer.render(&refusal, &head(Language::Ja)), Err(RenderError::Missing("refusal"))));
}

#[test]
fn every_right_can_end_in_every_way() {
    let renderer = Renderer::new().unwrap();
    for language in Language::ALL {
        for right in Right::ALL {
            for outcome in Outcome::ALL {
                let mut report = report(right, outcome);
                report.package = right.gives_a_copy().then(package);
                report.refusal = refused().refusal;
                let mail = renderer.render(&Letter::JobEnded(report), &head(language)).unwrap();
                assert!(mail.text.expose().lines().count() > 8);
            }
        }
    }
}

#[test]
fn nothing_personal_shows_in_debug() {
    let mail = render(&verify(), &head(Language::En));
    let shown = format!("{mail:?}{:?}", head(Language::En));
    assert!(!shown.contains("Hanako") && !shown.contains("40718263"));
}

#[test]
fn nothing_is_held_but_what_an_earlier_deletion_kept() {
    let mut ended = report(Right::Access, Outcome::NothingHeld);
    let (what, reason) = (both("Orders", "ご注文"), both("tax law", "税法"));
    ended.kept = vec![Kept { what, reason, until: None, rows: 2 }];
    for (language, subject, before) in [
        (Language::En, "apart from what is kept", "asked us before to delete"),
        (Language::Ja, "削除後も保管しているもののほかに", "以前のご請求により削除した後も"),
    ] {
        let mail = render(&Letter::JobEnded(ended.clone()), &head(language));
        let text = mail.text.expose();
        assert!(mail.subject.contains(subject), "{}", mail.subject);
        assert!(text.contains(before), "{text}");
        let plain = ended.kept.iter().all(|kept| {
            text.contains(match language {
                Language::En => kept.reason.en.as_str(),
                Language::Ja => kept.reason.ja.as_str(),
            })
        });
        assert!(plain, "{text}");
    }
}

#[test]
fn whom_nothing_was_found_of_is_asked_what_else_they_may_be_known_by() {
    let nothing = Letter::JobEnded(report(Right::Access, Outcome::NothingHeld));
    for language in Language::ALL {
        let another = Some(Personal::new("https://privacy.example.com/en/identity/t/another".to_owned()));
        let asking = Letterhead { another, ..head(language) };
        for (letter, asked) in [(&nothing, true), (&verify(), false)] {
            let mail = render(letter, &asking);
            assert_eq!(mail.text.expose().contains("/identity/t/another"), asked, "{language:?}");
            assert_eq!(mail.html.expose().replace("&#x2f;", "/").contains("/identity/t/another"), asked);
        }
        assert!(!render(&nothing, &head(language)).text.expose().contains("/another"), "{language:?}");
    }
}
