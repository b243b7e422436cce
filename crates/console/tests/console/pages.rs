//! Every page, as it is sent.

use crate::site::{ADDRESS, AGENT, AGENT_END, BROKEN, CODE, GUARDIAN, LATE, OPEN, STOP, Site, UNKNOWN};
use axum::http::StatusCode;
use habeas_domain::Right;

pub(crate) fn snapshot(name: &str, body: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("console-[0-9a-f]{12}", "console-[hash]");
    settings.add_filter(r#"name="grant" value="[^"]+""#, r#"name="grant" value="[grant]""#);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(name, body));
}

#[tokio::test]
async fn pages_to_confirm() {
    let site = Site::new();
    for language in ["en", "ja"] {
        for (name, link) in [("confirm", OPEN), ("confirm-address", ADDRESS)] {
            let path = format!("/{language}/confirm/{link}");
            let shown = site.get(&path).await;
            assert_eq!(shown.status, StatusCode::OK);
            snapshot(&format!("{language}-{name}"), &shown.body);
            let done = site.post(&path, "").await;
            assert_eq!(done.status, StatusCode::OK);
            snapshot(&format!("{language}-{name}-done"), &done.body);
        }
    }
}

#[tokio::test]
async fn pages_of_a_child_and_of_its_guardian() {
    let site = Site::new();
    *site.desk.child.lock().unwrap() = true;
    for language in ["en", "ja"] {
        for (name, link, more) in [("child", OPEN, true), ("guardian", GUARDIAN, false)] {
            *site.desk.more.lock().unwrap() = false;
            let path = format!("/{language}/confirm/{link}");
            snapshot(&format!("{language}-confirm-{name}"), &site.get(&path).await.body);
            *site.desk.more.lock().unwrap() = more;
            let done = site.post(&path, "").await;
            assert_eq!(done.status, StatusCode::OK, "no child is led to a second step");
            snapshot(&format!("{language}-confirm-{name}-done"), &done.body);
        }
        *site.desk.more.lock().unwrap() = true;
        let again = site.get(&format!("/{language}/confirm/{OPEN}")).await;
        let typed = site.post(&format!("/{language}/confirm/{OPEN}/code"), &format!("code={CODE}")).await;
        assert_eq!((again.status, typed.status), (StatusCode::OK, StatusCode::OK));
        assert_eq!(again.body, typed.body);
    }
}

#[tokio::test]
async fn a_link_that_was_used_says_so_however_it_is_come_back_to() {
    let site = Site::new();
    *site.desk.used.lock().unwrap() = true;
    *site.desk.rights.lock().unwrap() = vec![Right::Access, Right::Deletion];
    for language in ["en", "ja"] {
        for (name, link) in [("", OPEN), ("-address", ADDRESS), ("-guardian", GUARDIAN), ("-agent", AGENT)] {
            let path = format!("/{language}/confirm/{link}");
            let pressed = site.post(&path, "").await;
            assert_eq!(pressed.status, StatusCode::OK);
            snapshot(&format!("{language}-already{name}"), &pressed.body);
            let opened = site.get(&path).await;
            assert_eq!((opened.status, opened.body), (StatusCode::OK, pressed.body.clone()));
            assert!(!pressed.body.contains("<form"), "there is nothing left to press");
        }
        let path = format!("/{language}/confirm/{OPEN}");
        let opened = site.get(&path).await.body;
        let typed = site.post(&format!("{path}/code"), &format!("code={CODE}")).await;
        assert_eq!((typed.status, in_main(&typed.body)), (StatusCode::OK, in_main(&opened)));
        for step in ["", "/declaration", "/sms-code"] {
            let step = site.get(&format!("/{language}/identity/{OPEN}{step}")).await;
            assert_eq!((step.status, in_main(&step.body)), (StatusCode::OK, in_main(&opened)));
        }
    }
    *site.desk.child.lock().unwrap() = true;
    snapshot("ja-already-child", &site.get(&format!("/ja/confirm/{OPEN}")).await.body);
    let nothing_told = site.get(&format!("/en/confirm/{OPEN}")).await.body;
    assert!(!nothing_told.contains("delete") && !nothing_told.contains("copy"), "not what was asked");
}

fn in_main(page: &str) -> &str {
    page.split_once("<main").map_or(page, |(_, main)| main)
}

#[tokio::test]
async fn pages_to_stop_a_deletion() {
    for language in ["en", "ja"] {
        for (name, link) in [("stop", STOP), ("stop-late", LATE)] {
            let site = Site::new();
            let path = format!("/{language}/confirm/{link}");
            let shown = site.get(&path).await;
            assert_eq!(
                (shown.status, site.desk.changes().len()),
                (StatusCode::OK, 0),
                "looking stops nothing"
            );
            if link == STOP {
                snapshot(&format!("{language}-{name}"), &shown.body);
            }
            let done = site.post(&path, "").await;
            assert_eq!(done.status, StatusCode::OK);
            snapshot(&format!("{language}-{name}-done"), &done.body);
            assert_eq!(site.get(&path).await.body, done.body, "and is shown again");
        }
    }
}

#[tokio::test]
async fn pages_of_agents() {
    for language in ["en", "ja"] {
        for (name, page, link) in [("agent", "confirm", AGENT), ("agent-end", "agent", AGENT_END)] {
            let site = Site::new();
            let path = format!("/{language}/{page}/{link}");
            snapshot(&format!("{language}-{name}"), &site.get(&path).await.body);
            assert_eq!(site.desk.changes().len(), 0, "looking changes nothing");
            let done = site.post(&path, "").await;
            assert_eq!(done.status, StatusCode::OK);
            snapshot(&format!("{language}-{name}-done"), &done.body);
        }
    }
}

#[tokio::test]
async fn who_gets_the_answer_is_asked_where_somebody_acts_for_the_person() {
    for language in ["en", "ja"] {
        let site = Site::new();
        *site.desk.agent.lock().unwrap() = true;
        let path = format!("/{language}/confirm/{OPEN}");
        snapshot(&format!("{language}-confirm-for-agent"), &site.get(&path).await.body);
        for unsure in ["", "results=me-alone", "results=AGENT-TOO", "results=&agent-too=1"] {
            assert_eq!(site.post(&path, unsure).await.status, StatusCode::OK);
        }
        assert!(!site.desk.changes().contains(&"agent-too"), "the person alone");
        assert_eq!(site.post(&path, "results=agent-too").await.status, StatusCode::OK);
        assert!(site.desk.changes().contains(&"agent-too"));
    }
}

#[tokio::test]
async fn pages_for_a_code() {
    let site = Site::new();
    for language in ["en", "ja"] {
        let path = format!("/{language}/confirm/{OPEN}/code");
        snapshot(&format!("{language}-code"), &site.get(&path).await.body);
        let malformed = site.post(&path, "code=1234").await;
        assert_eq!(malformed.status, StatusCode::UNPROCESSABLE_ENTITY);
        snapshot(&format!("{language}-code-malformed"), &malformed.body);
        let wrong = site.post(&path, "code=00000000").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        snapshot(&format!("{language}-code-wrong"), &wrong.body);
    }
}

#[tokio::test]
async fn pages_of_a_package() {
    let site = Site::new();
    for language in ["en", "ja"] {
        let path = format!("/{language}/package/{OPEN}");
        snapshot(&format!("{language}-package"), &site.get(&path).await.body);
        snapshot(&format!("{language}-package-code"), &site.get(&format!("{path}/code")).await.body);
        let open = site.post(&format!("{path}/code"), &format!("code={CODE}")).await;
        assert_eq!(open.status, StatusCode::OK);
        snapshot(&format!("{language}-package-open"), &open.body);
        let ended = site.get(&format!("/{language}/package/{UNKNOWN}")).await;
        snapshot(&format!("{language}-package-ended"), &ended.body);
        snapshot(&format!("{language}-package-renewed"), &site.get(&format!("{path}/renewed")).await.body);
    }
}

#[tokio::test]
async fn pages_when_it_does_not_work() {
    let site = Site::new();
    for language in ["en", "ja"] {
        snapshot(&format!("{language}-home"), &site.get(&format!("/{language}")).await.body);
        let ended = site.get(&format!("/{language}/confirm/{UNKNOWN}")).await;
        snapshot(&format!("{language}-link-ended"), &ended.body);
        let missing = site.get(&format!("/{language}/nowhere")).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        snapshot(&format!("{language}-not-found"), &missing.body);
        let failed = site.get(&format!("/{language}/confirm/{BROKEN}")).await;
        assert_eq!((failed.status, failed.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "30"));
        snapshot(&format!("{language}-failed"), &failed.body);
        let pressed = site.get(&format!("/{language}/confirm/{OPEN}/new-code")).await;
        assert_eq!(pressed.status, StatusCode::METHOD_NOT_ALLOWED);
        snapshot(&format!("{language}-not-taken"), &pressed.body);
    }
}

#[tokio::test]
async fn only_a_deletion_warns() {
    let site = Site::new();
    *site.desk.rights.lock().unwrap() = vec![Right::Correction];
    let page = site.get(&format!("/en/confirm/{OPEN}")).await.body;
    assert!(!page.contains("undone"));
    let done = site.post(&format!("/en/confirm/{OPEN}"), "").await.body;
    assert!(done.contains("corrected") && !done.contains("deleted"));
}

#[tokio::test]
async fn pages_of_the_second_step() {
    let site = Site::new();
    *site.desk.more.lock().unwrap() = true;
    for language in ["en", "ja"] {
        let done = site.post(&format!("/{language}/confirm/{OPEN}"), "").await;
        let path = format!("/{language}/identity/{OPEN}");
        assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, path.as_str()));
        snapshot(&format!("{language}-identity"), &site.get(&path).await.body);
        for (way, wrong) in [
            ("sms-code", "code=00000000"),
            ("recent-dealings", "answer=2026-05&answer="),
            ("sign-in", "token=x"),
            ("declaration", ""),
        ] {
            let path = format!("{path}/{way}");
            let begun = site.post(&format!("{path}/begin"), "").await;
            assert_eq!((begun.status, begun.header("location")), (StatusCode::SEE_OTHER, path.as_str()));
            snapshot(&format!("{language}-identity-{way}"), &site.get(&path).await.body);
            let wrong = site.post(&path, wrong).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{way}");
            snapshot(&format!("{language}-identity-{way}-wrong"), &wrong.body);
        }
        another(&site, language, &path).await;
        let back = site.get(&format!("{path}/sign-in?token=a.b.c")).await;
        snapshot(&format!("{language}-identity-sign-in-back"), &back.body);
        let counts = site.post(&format!("{path}/declaration"), "declare=yes").await;
        assert_eq!((counts.status, counts.header("location")), (StatusCode::SEE_OTHER, path.as_str()));
        let done = site.post(&format!("{path}/recent-dealings"), "answer=2026-04&answer=").await;
        assert_eq!(done.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn who_can_show_nothing_on_a_page_reads_whom_to_ask() {
    let site = Site::new();
    for language in ["en", "ja"] {
        for (name, call_back) in [("by-staff", false), ("by-call", true)] {
            *site.desk.only_staff.lock().unwrap() = Some(call_back);
            let page = site.get(&format!("/{language}/identity/{OPEN}")).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(!page.body.contains("<form"), "there is nothing to choose from");
            snapshot(&format!("{language}-identity-{name}"), &page.body);
        }
    }
}

/// Something else that the person may be known by.
async fn another(site: &Site, language: &str, path: &str) {
    let path = format!("{path}/another");
    snapshot(&format!("{language}-identity-another"), &site.get(&path).await.body);
    for empty in ["", "named=", "named=%20", &format!("named={}", "a".repeat(400))] {
        let wrong = site.post(&path, empty).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("aria-invalid"));
    }
    let code = format!("{path}/code");
    for named in ["named=hanako%40example.jp", "named=C-1", "named=%3Cscript%3E"] {
        let sent = site.post(&path, named).await;
        assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, code.as_str()));
    }
    snapshot(&format!("{language}-identity-another-code"), &site.get(&code).await.body);
    let wrong = site.post(&code, "code=00000000").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    snapshot(&format!("{language}-identity-another-code-wrong"), &wrong.body);
    assert_eq!(site.post(&code, "code=123").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let noted = site.post(&code, &format!("code={CODE}")).await;
    assert_eq!(noted.status, StatusCode::OK);
    snapshot(&format!("{language}-identity-noted"), &noted.body);
}

#[tokio::test]
async fn whose_request_goes_on_names_something_else_and_meets_one_page() {
    let site = Site::new();
    *site.desk.done.lock().unwrap() = true;
    for language in ["en", "ja"] {
        let path = format!("/{language}/identity/{OPEN}/another");
        snapshot(&format!("{language}-identity-another-anew"), &site.get(&path).await.body);
        let asked = format!("{path}/asked");
        for named in ["named=hanako%40example.jp", "named=C-1", "named=%3Cscript%3E"] {
            let sent = site.post(&path, named).await;
            assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, asked.as_str()));
        }
        snapshot(&format!("{language}-identity-another-asked"), &site.get(&asked).await.body);
        assert_eq!(site.get(&format!("{path}/code")).await.status, StatusCode::NOT_FOUND, "no code is sent");
    }
    *site.desk.done.lock().unwrap() = false;
    let asked = format!("/en/identity/{OPEN}/another/asked");
    assert_eq!(site.get(&asked).await.status, StatusCode::NOT_FOUND, "while more proof is needed");
}

#[tokio::test]
async fn nothing_else_can_be_named_behind_a_made_up_link() {
    let site = Site::new();
    for path in ["another", "another/code", "another/asked"] {
        let path = format!("/en/identity/{UNKNOWN}/{path}");
        assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND);
    }
    let path = format!("/en/identity/{UNKNOWN}/another");
    assert_eq!(site.post(&path, "named=").await.status, StatusCode::NOT_FOUND);
    let sent = site.post(&path, "named=C-1").await;
    assert_eq!(
        sent.header("location"),
        format!("{path}/code"),
        "told apart by nothing until the page is looked at"
    );
    let tried = site.post(&format!("{path}/code"), "code=12345678").await;
    assert_eq!(tried.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_second_step_of_a_made_up_link_and_of_staff_alone_is_nowhere() {
    let site = Site::new();
    for way in ["sms-code", "recent-dealings", "sign-in", "declaration"] {
        let path = format!("/en/identity/{UNKNOWN}/{way}");
        assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND);
        let tried = site.post(&path, "code=12345678&answer=x&declare=yes&token=t").await;
        assert_eq!(tried.status, StatusCode::NOT_FOUND);
    }
    for way in ["call-back", "document", "mail-link", "horoscope"] {
        assert_eq!(site.get(&format!("/en/identity/{OPEN}/{way}")).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(site.get(&format!("/en/identity/{UNKNOWN}")).await.status, StatusCode::NOT_FOUND);
}
