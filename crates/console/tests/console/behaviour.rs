//! What the pages do, and what they never do.

use std::num::NonZeroU32;

use crate::site::{CODE, OPEN, Site, UNKNOWN, hidden, post};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use habeas_console::RateLimits;

const PAGES: [&str; 8] = [
    "/en",
    "/en/confirm/L",
    "/en/confirm/L/code",
    "/ja/confirm/L",
    "/en/package/L",
    "/en/package/L/code",
    "/en/package/L/renewed",
    "/ja/package/L",
];

fn of(page: &str, link: &str) -> String {
    page.replace("/L", &format!("/{link}"))
}

#[tokio::test]
async fn looking_changes_nothing_however_often() {
    let site = Site::new();
    for page in PAGES {
        for method in ["GET", "HEAD"].iter().cycle().take(50) {
            let request = Request::builder().method(*method).uri(of(page, OPEN)).body(Body::empty()).unwrap();
            assert_eq!(site.send(request).await.status, StatusCode::OK, "{method} {page}");
        }
    }
    assert_eq!(site.desk.changes(), Vec::<&str>::new());
    let done = site.post(&format!("/en/confirm/{OPEN}"), "").await;
    assert_eq!((done.status, site.desk.changes()), (StatusCode::OK, vec!["confirm"]));
}

#[tokio::test]
async fn a_link_that_is_no_link_looks_like_one_that_ended() {
    let site = Site::new();
    for base in ["confirm", "package"] {
        let ended = site.get(&format!("/en/{base}/{UNKNOWN}")).await;
        assert_eq!(ended.status, StatusCode::NOT_FOUND);
        for mangled in ["x", "%FF%FE", "%3Cscript%3E", "..%2F..", "%00", &"a".repeat(2_000)] {
            let answer = site.get(&format!("/en/{base}/{mangled}")).await;
            let same = answer.body.replace("/-", &format!("/{UNKNOWN}"));
            assert_eq!((answer.status, same), (ended.status, ended.body.clone()), "{mangled}");
        }
    }
}

#[tokio::test]
async fn asking_for_mail_answers_alike_for_every_link() {
    let site = Site::new();
    for (path, target) in [
        ("/ja/confirm/L/new-code", "/ja/confirm/L/code"),
        ("/ja/package/L/new-code", "/ja/package/L/code"),
        ("/ja/package/L/renew", "/ja/package/L/renewed"),
    ] {
        let (known, unknown) =
            (site.post(&of(path, OPEN), "").await, site.post(&of(path, UNKNOWN), "").await);
        assert_eq!((known.status, unknown.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!(known.header("location"), of(target, OPEN));
        let (known, unknown) = (site.get(&of(target, OPEN)).await, site.get(&of(target, UNKNOWN)).await);
        assert_eq!(known.body.replace(OPEN, UNKNOWN), unknown.body);
    }
    assert_eq!(site.desk.changes().len(), 6);
}

#[tokio::test]
async fn a_wrong_code_looks_alike_for_every_link_and_is_not_repeated() {
    let site = Site::new();
    for path in ["/en/confirm/L/code", "/en/package/L/code"] {
        let known = site.post(&of(path, OPEN), "code=87654321").await;
        let unknown = site.post(&of(path, UNKNOWN), "code=87654321").await;
        assert_eq!(known.status, unknown.status);
        assert_eq!(known.body.replace(OPEN, UNKNOWN), unknown.body);
        for typed in ["87654321", "%3Cscript%3Ealert(1)%3C/script%3E", "%00%FF", "'%20OR%201=1"] {
            let answer = site.post(&of(path, OPEN), &format!("code={typed}")).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(!answer.body.contains("87654321") && !answer.body.contains("alert(1)"));
            assert!(answer.body.contains("aria-invalid=\"true\""));
        }
    }
}

#[tokio::test]
async fn what_is_no_code_costs_no_try() {
    let site = Site::new();
    for form in ["", "code=", "code=1234567", "code=abcdefgh", "other=12345678"] {
        site.post(&format!("/en/confirm/{OPEN}/code"), form).await;
        site.post(&format!("/en/package/{OPEN}/code"), form).await;
    }
    assert_eq!(site.desk.changes(), Vec::<&str>::new());
    let full_width = "code=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94+5678";
    let done = site.post(&format!("/ja/confirm/{OPEN}/code"), full_width).await;
    assert_eq!((done.status, site.desk.changes()), (StatusCode::OK, vec!["try-code"]));
}

#[tokio::test]
async fn a_code_opens_one_download_and_each_counts() {
    let site = Site::new();
    let path = format!("/en/package/{OPEN}");
    for left in [3, 2, 1] {
        let open = site.post(&format!("{path}/code"), &format!("code={CODE}")).await;
        assert!(open.body.contains(&format!("{left} more time")), "{}", open.body);
        let form = format!("grant={}", hidden(&open.body, "grant"));
        let file = site.post(&format!("{path}/download"), &form).await;
        assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, "PKof afictional person"));
        assert_eq!((file.header("content-type"), file.header("content-length")), ("application/zip", "22"));
        let name = "attachment; filename=\"habeas-HB-7K3M-9QTX-access.zip\"";
        assert_eq!(file.header("content-disposition"), name);
        assert_eq!(file.header("cache-control"), "no-store");
        let again = site.post(&format!("{path}/download"), &form).await;
        assert_eq!(again.status, StatusCode::FORBIDDEN);
    }
    let over = site.get(&path).await;
    let unknown = site.get(&format!("/en/package/{UNKNOWN}")).await;
    assert_eq!((over.status, over.body.replace(OPEN, UNKNOWN)), (StatusCode::NOT_FOUND, unknown.body));
}

#[tokio::test]
async fn a_grant_cannot_be_made_up() {
    let site = Site::new();
    for forged in ["", "grant=", "grant=AAAA", "grant=%FF", "grant=%00"] {
        for link in [OPEN, UNKNOWN, "x"] {
            let answer = site.post(&format!("/en/package/{link}/download"), forged).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
        }
    }
    assert_eq!(site.desk.changes(), Vec::<&str>::new());
}

#[tokio::test]
async fn forms_from_other_sites_are_refused() {
    let site = Site::new();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example.com"),
    ] {
        let request = Request::post(format!("/en/confirm/{OPEN}"))
            .header("host", "privacy.example.jp")
            .header(name, value)
            .body(Body::empty())
            .unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(site.desk.changes(), Vec::<&str>::new());
}

#[tokio::test]
async fn forms_that_cannot_be_read_are_refused() {
    let site = Site::new();
    let path = format!("/en/confirm/{OPEN}/code");
    let large = "x".repeat(10 * 1024 * 1024);
    assert_eq!(site.post(&path, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let json =
        Request::post(&path).header("content-type", "application/json").body(Body::from("{}")).unwrap();
    assert_eq!(site.send(json).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.desk.changes(), Vec::<&str>::new());
}

#[tokio::test]
async fn every_answer_keeps_secrets_and_scripts_out() {
    let site = Site::new();
    let mut answers =
        vec![site.post(&format!("/en/confirm/{OPEN}"), "").await, site.get("/en/nowhere").await];
    for page in PAGES {
        answers.push(site.get(&of(page, OPEN)).await);
    }
    for answer in answers {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; form-action 'self'"));
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("set-cookie"), "");
        for forbidden in ["<script", "style=", "onclick", "http://", "https://", "<img"] {
            assert!(!answer.body.contains(forbidden), "{forbidden}");
        }
    }
}

#[tokio::test]
async fn the_stylesheet_is_where_pages_say() {
    let site = Site::new();
    let page = site.get("/en").await.body;
    let (_, rest) = page.split_once("stylesheet\" href=\"").unwrap();
    let sheet = site.get(rest.split_once('"').unwrap().0).await;
    assert_eq!((sheet.status, sheet.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
    assert!(!sheet.body.contains("url(") && !sheet.body.contains("@import"));
}

#[tokio::test]
async fn too_many_tries_are_held_back() {
    let (few, many) = (NonZeroU32::new(3).unwrap(), NonZeroU32::new(1_000).unwrap());
    let path = format!("/ja/confirm/{OPEN}/code");
    for limits in [
        RateLimits { looks_per_client: many, posts_per_client: few, posts_per_link: many },
        RateLimits { looks_per_client: many, posts_per_client: many, posts_per_link: few },
    ] {
        let site = Site::with(limits);
        for _ in 0..3 {
            assert_eq!(site.post(&path, "code=00000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let held = site.send(post(&path, CODE).body(Body::from(format!("code={CODE}"))).unwrap()).await;
        assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = held.header("retry-after").parse().unwrap();
        assert!((1..=21).contains(&wait), "{wait}");
        assert!(held.body.contains("少しお待ちください"));
        assert_eq!(site.desk.changes().len(), 3);
    }
}
