//! What people hand in, what plans and letters look like, what workers report.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use habeas_domain::{
    Actor, Channel, KeyName, Language, Letter, Outcome, Personal, Regimes, Right, StoreName, Submission,
    SubmissionDefaults, TokenId, TypedId,
    approval::{ApprovalPolicy, PlanHash},
    letter::{JobReport, PackageLink},
    review::FindingKind,
};
use habeas_ledger::{Claimed, JobPlan, NewChallenge, NewFinding, NewRequest, Purpose, TaskDone};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{World, start};

/// Long enough for any test.
pub(crate) const LEASE: Duration = Duration::from_mins(5);

pub(crate) fn staff(n: u128) -> Actor {
    Actor::Token(TokenId::from_uuid(Uuid::from_u128(n)))
}

pub(crate) fn store(name: &str) -> StoreName {
    StoreName::new(name).unwrap()
}

/// What a person hands in.
pub(crate) fn submission(value: &Value) -> Submission {
    let regimes = Regimes::builtin().unwrap();
    let defaults = SubmissionDefaults {
        regime: "eu_gdpr".parse().unwrap(),
        language: Language::Ja,
        channel: Channel::Api,
        now: start(),
        regimes: &regimes,
    };
    Submission::read(value, &defaults).unwrap()
}

/// A new request: copies run by themselves, changes need one person.
pub(crate) fn new_request(email: &str, rights: &[Right]) -> NewRequest {
    let mut value = json!({
        "subject": { "email": email, "name": "山田 花子", "phone": "+81 90-0000-0000",
            "identifiers": [{ "key": "customer_id", "value": "C-4242" }] },
        "rights": rights,
        "message": "Please be quick, says Hanako.",
    });
    if rights.contains(&Right::Correction) {
        value["corrections"] =
            json!([{ "category": "user.contact.email", "value": "hanako.new@example.jp", "type": "email" }]);
    }
    let policies = rights.iter().map(|right| {
        let policy =
            if right.changes_stores() { ApprovalPolicy::OnePerson } else { ApprovalPolicy::Automatic };
        (*right, policy)
    });
    NewRequest {
        submission: submission(&value),
        submitted_by: staff(1),
        idempotency_key: None,
        deadline: habeas_domain::Deadline::fixed(
            start(),
            start() + TimeDelta::days(31),
            habeas_domain::Bilingual {
                en: "one month, GDPR art. 12(3)".to_owned(),
                ja: "1か月、GDPR art. 12(3)".to_owned(),
            },
        ),
        lapse_at: start() + TimeDelta::days(14),
        policies: policies.collect(),
        verification: habeas_domain::verification::VerificationPolicy::mail_link(),
        agents: habeas_domain::AgentTerms::default(),
        batch: None,
        asked_in: None,
        receipt: true,
        law_not_taken: None,
    }
}

pub(crate) fn with_policy(mut new: NewRequest, policy: ApprovalPolicy) -> NewRequest {
    let rights: Vec<Right> = new.policies.keys().copied().collect();
    new.policies = rights.into_iter().map(|right| (right, policy)).collect::<BTreeMap<_, _>>();
    new
}

pub(crate) fn hash(n: u8) -> PlanHash {
    PlanHash([n; 32])
}

pub(crate) fn plan(stores: &[&str]) -> JobPlan {
    JobPlan {
        stores: stores.iter().map(|name| store(name)).collect(),
        detail: Personal::new(json!({ "old": "hanako.plan@example.jp" })),
        notice: None,
    }
}

pub(crate) fn report(right: Right, outcome: Outcome) -> Letter {
    let url = Personal::new("https://privacy.example.com/package/secret-link".to_owned());
    let package = PackageLink { url, expires_at: start() + TimeDelta::days(7), downloads: 3 };
    Letter::JobEnded(JobReport {
        right,
        outcome,
        stores: 1,
        rows: 7,
        package: right.gives_a_copy().then_some(package),
        kept: Vec::new(),
        undone: Vec::new(),
        unmet: Vec::new(),
        uncounted: 0,
        refusal: None,
        receipt: None,
        referrals: Vec::new(),
    })
}

/// A challenge by link and code. The code's hash is the text given.
pub(crate) fn challenge(world: &World, purpose: Purpose, code_hash: &str) -> NewChallenge {
    let token = world.ledger.vault().new_token();
    let link_expires_at = start() + TimeDelta::days(1);
    let link = Personal::new(format!("https://privacy.example.com/verify/{}", token.expose().as_str()));
    NewChallenge {
        purpose,
        link: Some((token.hash(), link_expires_at)),
        code: Some((code_hash.to_owned(), start() + TimeDelta::minutes(10))),
        tries: 5,
        package: None,
        to: Personal::new("hanako@example.jp".to_owned()),
        letter: Letter::ConfirmNewAddress { link, link_expires_at },
    }
}

/// A task that did what it should.
pub(crate) fn done(task: &Claimed) -> TaskDone {
    TaskDone {
        lease: task.lease,
        request: task.request,
        rows: 7,
        report: json!({ "collections": { "customer": 7 } }),
        object: None,
        again_at: None,
        erased: None,
        contacts: Vec::new(),
    }
}

/// A row carries this address, and another one was proven.
pub(crate) fn contradiction(found: &str) -> NewFinding {
    NewFinding {
        kind: FindingKind::Contradiction,
        key: KeyName::new("email").ok(),
        place: Some((store("shop"), "customer".parse().unwrap())),
        identifying: true,
        allowed: 0,
        proven: vec![Personal::new("hanako@example.jp".to_owned())],
        found: vec![Personal::new(found.to_owned())],
        reason: "a row of shop/customer contradicts".to_owned(),
    }
}
