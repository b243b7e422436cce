//! Every kind of letter, and each way in which one can differ.

use habeas_domain::{
    Language, Letter, Outcome, PaperKind, Personal, Right,
    letter::{JobReport, Kept, Referral, Unmet, WhyUnmet, Word},
};

use crate::common::{at, both, day, done, link, package, refused, report, verify};

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
    let part =
        Letter::RestDeleted { rows: 3, stores: 2, kept: kept(), receipt: "HB-7K3M-9QTX-D-R".to_owned() };
    letters.push(("rest-deleted-in-part", part));
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
    Letter::RestDeleted { rows, stores: 2, kept: Vec::new(), receipt: "HB-7K3M-9QTX-D-R".to_owned() }
}
