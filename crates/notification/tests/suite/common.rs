//! A fictional company's letters.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Language, Letter, MailId, Outcome, Personal, Right,
    letter::{Bilingual, JobReport, PackageLink, Refusal},
};
use habeas_notification::{Letterhead, OutgoingMail, Posting, Renderer, Reports, Sender, compose};

/// Compiling the templates is most of the time of a test.
static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().unwrap());

pub(crate) fn both(en: &str, ja: &str) -> Bilingual {
    Bilingual { en: en.to_owned(), ja: ja.to_owned() }
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Made on 2026-11-21 at 10:48:19 UTC.
pub(crate) fn mail_id(number: u64) -> MailId {
    format!("01a1fdb8-a538-7000-8000-{number:012x}").parse().unwrap()
}

/// A letterhead under the law of the language's country.
pub(crate) fn head(language: Language) -> Letterhead {
    let english = language == Language::En;
    Letterhead {
        controller_name: Some(both("Example Shop Ltd", "サンプル商店株式会社")),
        contact_email: "privacy@example.com".to_owned(),
        support: Some(both(
            "By telephone: 0800 000 0000, Monday to Friday, 9 to 17.",
            "お電話：0800-000-0000（平日9時～17時）",
        )),
        base_url: "https://privacy.example.com".to_owned(),
        from: Sender {
            name: if english {
                "Example Shop Privacy"
            } else {
                "サンプル商店 プライバシー窓口"
            }
            .to_owned(),
            address: "privacy@example.com".to_owned(),
        },
        complaint: if english {
            both(
                "You can complain to the Information Commissioner's Office (ICO, ico.org.uk), and you can go to court.",
                "",
            )
        } else {
            both("", "個人情報保護委員会（ppc.go.jp）に相談することや、裁判所に訴えることもできます。")
        },
        dispute_body: (!english)
            .then(|| both("", "認定個人情報保護団体に苦情の解決を申し出ることもできます。")),
        non_discrimination: both(
            "Using your rights is free and changes nothing in the service you receive.",
            "権利の行使は無料であり、これによってサービスの内容が変わることはありません。",
        ),
        notice_version: Some("2026-04".to_owned()),
        reference: "HB-7K3M-9QTX".to_owned(),
        person_name: Personal::new(Some(if english { "Hanako Yamada" } else { "山田 花子" }.to_owned())),
        for_child: false,
        agent_end: None,
        another: None,
        language,
        regime_title: if english {
            both("UK General Data Protection Regulation", "英国一般データ保護規則（UK GDPR）")
        } else {
            both("the Act on the Protection of Personal Information", "個人情報の保護に関する法律")
        },
        time_zone: if english { chrono_tz::Europe::London } else { chrono_tz::Asia::Tokyo },
    }
}

pub(crate) fn link(path: &str) -> Personal<String> {
    Personal::new(format!("https://privacy.example.com/{path}/Q2xhc3NpY2FsbHktZmljdGlvbmFsLXRva2VuLTAwMDE"))
}

pub(crate) fn package() -> PackageLink {
    PackageLink { url: link("package"), expires_at: at("2026-11-28T10:48:19Z"), downloads: 5 }
}

pub(crate) fn report(right: Right, outcome: Outcome) -> JobReport {
    JobReport {
        right,
        outcome,
        stores: 4,
        rows: 1_342,
        package: None,
        kept: vec![],
        undone: vec![],
        unmet: vec![],
        uncounted: 0,
        refusal: None,
        receipt: None,
        referrals: vec![],
    }
}

pub(crate) fn done(right: Right) -> JobReport {
    let gives = right.gives_a_copy();
    JobReport {
        package: gives.then(package),
        receipt: (!gives).then(|| "R-2026-000417".to_owned()),
        ..report(right, Outcome::Done)
    }
}

pub(crate) fn refused() -> JobReport {
    JobReport {
        refusal: Some(Refusal {
            reason: both(
                "A court case about this account is still open.",
                "このアカウントに関する訴訟が続いているためです。",
            ),
            article: "UK GDPR art. 17(3)(e)".to_owned(),
            note: Some(
                "We will look at this again when the case has ended.\nYou need not write again."
                    .parse()
                    .unwrap(),
            ),
        }),
        ..report(Right::Deletion, Outcome::Refused)
    }
}

pub(crate) fn verify() -> Letter {
    Letter::Verify {
        rights: vec![Right::Access, Right::Deletion],
        link: link("verify"),
        link_expires_at: at("2026-11-22T10:48:19Z"),
        code: Personal::new("40718263".to_owned()),
        code_expires_at: at("2026-11-21T10:58:19Z"),
    }
}

pub(crate) fn posting(number: u64, to: &str) -> Posting {
    Posting {
        mail: mail_id(number),
        to: Personal::new(to.to_owned()),
        thread: None,
        date: at("2026-11-21T10:48:20Z"),
        marks: None,
        auto_replied: false,
        reports: Reports::Wanted,
    }
}

/// A whole mail to one address.
pub(crate) fn outgoing(number: u64, to: &str) -> OutgoingMail {
    let head = head(Language::Ja);
    let rendered = RENDERER.render(&verify(), &head).unwrap();
    compose(&rendered, &head, &posting(number, to)).unwrap()
}
