//! The page that takes a paper.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use habeas_domain::paper::LARGEST;

use crate::{
    pages::snapshot,
    site::{ADDRESS, Answer, OPEN, STOP, Site, UNKNOWN},
};

const PDF: &[u8] = b"%PDF-1.7 of a fictional person";

/// A form with one file, as browsers send it. The stated name and type are what an attacker would write.
fn form(field: &str, content: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"../../x.html\"\r\n\
         Content-Type: text/html\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    body
}

async fn send(site: &Site, path: &str, body: Vec<u8>) -> Answer {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .header(header::CONTENT_LENGTH, body.len())
        .header("sec-fetch-site", "same-origin");
    site.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn pages_of_a_paper() {
    for language in ["en", "ja"] {
        let site = Site::new();
        for (name, link) in [("identity-document", OPEN), ("mandate", ADDRESS), ("guardian-proof", STOP)] {
            let shown = site.get(&format!("/{language}/paper/{link}")).await;
            assert_eq!(shown.status, StatusCode::OK);
            snapshot(&format!("{language}-paper-{name}"), &shown.body);
        }
        let path = format!("/{language}/paper/{OPEN}");
        let wrong = send(&site, &path, form("paper", b"<html><script>alert(1)</script>")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        snapshot(&format!("{language}-paper-wrong-type"), &wrong.body);
        let empty = send(&site, &path, form("paper", b"")).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        snapshot(&format!("{language}-paper-empty"), &empty.body);
        let taken = send(&site, &path, form("paper", PDF)).await;
        assert_eq!(taken.status, StatusCode::OK);
        snapshot(&format!("{language}-paper-taken"), &taken.body);
        // Pressed again, or opened from the mail: perhaps the first answer was lost on its way.
        let again = send(&site, &path, form("paper", PDF)).await;
        assert_eq!((again.status, site.desk.changes().len()), (StatusCode::OK, 1), "it is kept once");
        snapshot(&format!("{language}-paper-given"), &again.body);
        assert_eq!(site.get(&path).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn looking_takes_nothing_and_a_link_that_is_no_link_reads_no_body() {
    let site = Site::new();
    for link in [OPEN, UNKNOWN, "x"] {
        site.get(&format!("/en/paper/{link}")).await;
    }
    let ended = site.get(&format!("/en/paper/{UNKNOWN}")).await;
    let tried = send(&site, &format!("/en/paper/{UNKNOWN}"), form("paper", PDF)).await;
    assert_eq!((ended.status, tried.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let strange = send(&site, "/en/paper/x", b"no form at all".to_vec()).await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
    assert_eq!(site.desk.changes(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_file_has_its_limit_and_other_forms_keep_theirs() {
    let site = Site::new();
    let path = format!("/en/paper/{OPEN}");
    let mut content = PDF.to_vec();
    for more in [1, 200_000] {
        content.resize(LARGEST + more, b' ');
        let large = send(&site, &path, form("paper", &content)).await;
        assert_eq!(large.status, StatusCode::UNPROCESSABLE_ENTITY, "{more}");
        assert!(large.body.contains("too large"));
    }
    content.resize(LARGEST, b' ');
    assert_eq!(send(&site, &path, form("paper", &content)).await.status, StatusCode::OK);
    let confirm = site.post(&format!("/en/confirm/{OPEN}/code"), &"x".repeat(20_000)).await;
    assert_eq!(confirm.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_is_no_form_with_a_file_is_refused() {
    let site = Site::new();
    let path = format!("/en/paper/{OPEN}");
    let other_field = send(&site, &path, form("photo", PDF)).await;
    assert_eq!(other_field.status, StatusCode::UNPROCESSABLE_ENTITY);
    let cut_off =
        send(&site, &path, b"--edge\r\nContent-Disposition: form-data; name=\"paper\"\r\n\r\n%PDF".to_vec())
            .await;
    assert_eq!(cut_off.status, StatusCode::BAD_REQUEST);
    let plain = site.post(&path, "paper=x").await;
    assert_eq!(plain.status, StatusCode::BAD_REQUEST);
    let foreign = Request::post(&path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .header("sec-fetch-site", "cross-site");
    let foreign = site.send(foreign.body(Body::from(form("paper", PDF))).unwrap()).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(site.desk.changes(), Vec::<&str>::new());
}
