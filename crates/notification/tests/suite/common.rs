//! A fictional company's letters.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Language, Letter, MailId, Outcome, PaperKind, Personal, Right,
    letter::{Bilingual, JobReport, Kept, PackageLink, Referral, Refusal, Unmet, WhyUnmet, Word},
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

fn for_agent(mandate_counts: bool) -> Letter {
    Letter::VerifyForAgent {
        rights: vec![Right::Access, Right::Deletion],
        agent_name: Personal::new("Alex Agent".to_owned()),
        organisation: Some(Personal::new("Example Agents".to_owned())),
        agent_email: Personal::new("alex@agents.example".to_owned()),
        mandate_counts,
        link: link("verify"),
        link_expires_at: at("2026-11-22T10:48:19Z"),
        code: Personal::new("00718263".to_owned()),
        code_expires_at: at("2026-11-21T10:58:19Z"),
    }
}

fn verify_agent() -> Letter {
    Letter::VerifyAgent {
        link: link("verify"),
        link_expires_at: at("2026-11-22T10:48:19Z"),
        code: Personal::new("00718263".to_owned()),
        code_expires_at: at("2026-11-21T10:58:19Z"),
    }
}

fn referrals() -> Vec<Referral> {
    vec![Referral {
        name: both("Example Client", "取引先の例"),
        email: "dpo@client.example".to_owned(),
        url: "https://client.example/privacy".to_owned(),
    }]
}

pub(crate) fn done(right: Right) -> JobReport {
    let gives = right.gives_a_copy();
    JobReport {
        package: gives.then(package),
        receipt: (!gives).then(|| "R-2026-000417".to_owned()),
        ..report(right, Outcome::Done)
    }
}

fn kept() -> Vec<Kept> {
    vec![
        Kept {
            what: both("Invoices", "請求書"),
            reason: both(
                "tax law requires us to keep them for seven years",
                "税法により7年間の保存が義務づけられています。",
            ),
            until: Some(day("2033-12-31")),
            rows: 3,
        },
        Kept {
            what: both("Complaint of May 2026", "2026年5月のお問い合わせ"),
            reason: both("we need it to answer a legal claim", "法的な請求に対応するために必要です"),
            until: None,
            rows: 1,
        },
    ]
}

fn unmet() -> Vec<Unmet> {
    let unmet = |en, ja, why| Unmet { what: both(en, ja), why };
    vec![
        unmet("Date of birth", "生年月日", WhyUnmet::NoField),
        unmet("Email address", "メールアドレス", WhyUnmet::NothingToReplace),
        unmet("Support tickets", "お問い合わせ", WhyUnmet::ChangedSince),
    ]
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

/// Every kind of letter, and each way in which one can differ. New ones come last: their numbers stand in the snapshots.
pub(crate) fn letters() -> Vec<(&'static str, Letter)> {
    let mut letters = on_the_way();
    letters.extend(ended().into_iter().map(|(name, report)| (name, Letter::JobEnded(report))));
    letters.push(("package-renewed", Letter::PackageRenewed { right: Right::Access, package: package() }));
    letters.push(("deletion-notice", notice(Right::Deletion, false)));
    letters.push(("deletion-notice-copy", notice(Right::Deletion, true)));
    letters.push((
        "controller-notice",
        Letter::ControllerNotice {
            rights: vec![Right::Access, Right::Deletion],
            received_at: at("2026-11-21T10:48:19Z"),
            person: Personal::new("hanako@example.jp".to_owned()),
            language: Language::En,
        },
    ));
    let referred = JobReport { referrals: referrals(), ..report(Right::Access, Outcome::Referred) };
    letters.push(("referred", Letter::JobEnded(referred)));
    let beside = JobReport { rows: 12, referrals: referrals(), ..done(Right::Deletion) };
    letters.push(("done-deletion-referred", Letter::JobEnded(beside)));
    letters.extend(of_agents());
    letters.push(("disowned", Letter::JobEnded(report(Right::Deletion, Outcome::Disowned))));
    letters.extend(PaperKind::ALL.map(|kind| (paper_name(kind), paper_wanted(kind))));
    letters.push(("verify-child", verify_child(true)));
    letters.push(("verify-child-unnamed", verify_child(false)));
    letters.push(("verify-guardian", verify_guardian()));
    let code = Personal::new("00718263".to_owned());
    letters.push(("on-file-code", Letter::OnFileCode { code, code_expires_at: at("2026-11-21T10:58:19Z") }));
    letters.push(("address-kept", Letter::AddressKept));
    letters.push(("agent-lapsed", agent_lapsed(false)));
    letters.push(("agent-lapsed-unproven", agent_lapsed(true)));
    letters.push(("correction-notice", notice(Right::Correction, false)));
    letters.push(("copy-notice", notice(Right::Access, false)));
    let unconfirmed = report(Right::Correction, Outcome::Unverified);
    letters.push(("new-address-lapsed", Letter::JobEnded(unconfirmed)));
    letters.push(("rest-deleted", rest_deleted(14)));
    letters.push(("rest-deleted-nothing", rest_deleted(0)));
    letters.push(("deletion-notice-mandate", notice_on_word_of(Word::Agent, Right::Deletion, false)));
    letters.push(("deletion-notice-guardian", notice_on_word_of(Word::Guardian, Right::Deletion, true)));
    letters
}

fn verify_child(guardian: bool) -> Letter {
    Letter::VerifyChild {
        rights: vec![Right::Deletion],
        guardian,
        link: link("verify"),
        link_expires_at: at("2026-11-22T10:48:19Z"),
        code: Personal::new("50718263".to_owned()),
        code_expires_at: at("2026-11-21T10:58:19Z"),
    }
}

fn on_the_way() -> Vec<(&'static str, Letter)> {
    vec![
        (
            "received",
            Letter::Received {
                rights: Right::ALL.to_vec(),
                received_at: at("2026-11-21T10:48:19Z"),
                due_on: day("2026-12-21"),
            },
        ),
        ("verify", verify()),
        (
            "confirm-new-address",
            Letter::ConfirmNewAddress { link: link("address"), link_expires_at: at("2026-11-22T10:48:19Z") },
        ),
        (
            "download-code",
            Letter::DownloadCode {
                code: Personal::new("00718263".to_owned()),
                code_expires_at: at("2026-11-21T10:58:19Z"),
            },
        ),
        (
            "delayed",
            Letter::JobDelayed {
                right: Right::Deletion,
                stores_done: 3,
                open: vec!["Example Newsletter".to_owned()],
                due_on: day("2026-12-21"),
            },
        ),
        (
            "due-date-later",
            Letter::DueDateChanged {
                from: day("2026-12-21"),
                to: day("2027-02-22"),
                reason: "Your request covers many accounts.".to_owned(),
            },
        ),
        (
            "due-date-sooner",
            Letter::DueDateChanged {
                from: day("2026-12-21"),
                to: day("2026-12-01"),
                reason: "The search is faster than we thought.".to_owned(),
            },
        ),
        ("lapsed", Letter::Lapsed { rights: vec![Right::Access, Right::Correction] }),
    ]
}

fn of_agents() -> Vec<(&'static str, Letter)> {
    vec![
        ("verify-for-agent", for_agent(false)),
        ("verify-for-agent-mandate", for_agent(true)),
        ("verify-agent", verify_agent()),
        ("agent-result", Letter::AgentResult { right: Right::Access, package: Some(package()) }),
        ("agent-result-deletion", Letter::AgentResult { right: Right::Deletion, package: None }),
        (
            "agent-download-code",
            Letter::AgentDownloadCode {
                code: Personal::new("00718263".to_owned()),
                code_expires_at: at("2026-11-21T10:58:19Z"),
            },
        ),
    ]
}

fn agent_lapsed(unproven: bool) -> Letter {
    Letter::AgentLapsed { rights: vec![Right::Access, Right::Deletion], unproven }
}

fn verify_guardian() -> Letter {
    Letter::VerifyGuardian {
        rights: vec![Right::Deletion],
        link: link("verify"),
        link_expires_at: at("2026-11-28T10:48:19Z"),
    }
}

const fn paper_name(kind: PaperKind) -> &'static str {
    match kind {
        PaperKind::IdentityDocument => "paper-identity-document",
        PaperKind::Mandate => "paper-mandate",
        PaperKind::GuardianProof => "paper-guardian-proof",
    }
}

fn paper_wanted(kind: PaperKind) -> Letter {
    Letter::PaperWanted { kind, link: link("paper"), link_expires_at: at("2026-11-28T10:48:19Z"), days: 14 }
}

fn notice(right: Right, copy_first: bool) -> Letter {
    notice_on_word_of(Word::Person, right, copy_first)
}

fn notice_on_word_of(word: Word, right: Right, copy_first: bool) -> Letter {
    Letter::DeletionNotice {
        right,
        word,
        received_at: at("2026-11-21T10:48:19Z"),
        not_before: at("2026-11-25T09:00:00Z"),
        copy_first,
        link: link("stop"),
        link_expires_at: at("2026-12-25T09:00:00Z"),
    }
}

fn ended() -> Vec<(&'static str, JobReport)> {
    let partly = |right| report(right, Outcome::PartlyDone);
    let undone = vec!["Example Newsletter".to_owned(), "Example Games".to_owned()];
    vec![
        ("done-access", done(Right::Access)),
        ("done-deletion", JobReport { rows: 12, ..done(Right::Deletion) }),
        ("done-deletion-kept", JobReport { kept: kept(), ..done(Right::Deletion) }),
        ("done-correction", JobReport { stores: 1, rows: 1, ..done(Right::Correction) }),
        ("done-portability", done(Right::Portability)),
        (
            "partly-access",
            JobReport { package: Some(package()), undone: undone.clone(), ..partly(Right::Access) },
        ),
        (
            "partly-deletion",
            JobReport {
                kept: kept(),
                undone: undone.clone(),
                receipt: Some("R-2026-000418".to_owned()),
                ..partly(Right::Deletion)
            },
        ),
        ("partly-correction-none", JobReport { rows: 0, undone, ..partly(Right::Correction) }),
        ("nothing-held", JobReport { rows: 0, ..report(Right::Deletion, Outcome::NothingHeld) }),
        ("refused", refused()),
        ("withdrawn", report(Right::Deletion, Outcome::Withdrawn)),
        ("unverified", report(Right::Portability, Outcome::Unverified)),
        (
            "correction-without-a-field",
            JobReport { rows: 0, stores: 0, unmet: unmet(), ..partly(Right::Correction) },
        ),
        (
            "partly-correction-unmet",
            JobReport { rows: 2, stores: 1, uncounted: 1, unmet: unmet(), ..partly(Right::Correction) },
        ),
        ("done-deletion-uncounted", JobReport { rows: 12, uncounted: 1, ..done(Right::Deletion) }),
    ]
}

fn rest_deleted(rows: u64) -> Letter {
    Letter::RestDeleted { rows, stores: 2, receipt: "HB-7K3M-9QTX-D-R".to_owned() }
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
