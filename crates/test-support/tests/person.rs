//! The person against a small server that plays the pages.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

use std::sync::{Arc, Mutex};

use habeas_test_support::Person;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers each request by its first line, and keeps what was asked.
async fn site() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = String::new();
            while !is_whole(&request) {
                let mut piece = [0; 1000];
                let read = stream.read(&mut piece).await.unwrap();
                request.push_str(std::str::from_utf8(&piece[..read]).unwrap());
            }
            let answer = answer(&request);
            log.lock().unwrap().push(request);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (base, asked)
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn answer(request: &str) -> String {
    let (status, more, body) = match request.lines().next().unwrap() {
        "GET /v/abc HTTP/1.1" => (
            "200 OK",
            "set-cookie: visit=1; HttpOnly; Path=/\r\n",
            "<form method=post action=\"/v/confirm\"><input type=hidden name=token value=abc><button>Yes</button></form>",
        ),
        "POST /v/confirm HTTP/1.1" => ("303 See Other", "location: /done\r\n", ""),
        "GET /done HTTP/1.1" => ("200 OK", "content-type: text/html; charset=utf-8\r\n", "<p>Confirmed</p>"),
        "GET /loop HTTP/1.1" => ("302 Found", "location: /loop\r\n", ""),
        _ => ("404 Not Found", "", "<p>gone</p>"),
    };
    format!("HTTP/1.1 {status}\r\n{more}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_link_is_opened_and_its_button_pressed() {
    let (base, asked) = site().await;
    let person = Person::new().unwrap();
    let done = person.confirm(&format!("{base}/v/abc")).await.unwrap();
    assert_eq!(done.url.path(), "/done");
    assert_eq!(done.media_type(), "text/html");
    assert!(done.text().contains("Confirmed"));
    let asked = asked.lock().unwrap();
    assert!(asked[1].starts_with("POST /v/confirm ") && asked[1].ends_with("token=abc"), "{}", asked[1]);
    assert!(asked[1].contains("cookie: visit=1\r\n") && asked[2].contains("cookie: visit=1\r\n"));
}

#[tokio::test]
async fn failures_name_the_page() {
    let (base, _) = site().await;
    let person = Person::new().unwrap();
    let gone = person.open(&format!("{base}/nowhere")).await.unwrap();
    assert_eq!(gone.status, 404);
    assert!(person.press(&gone).await.unwrap_err().to_string().contains("/nowhere"));
    assert!(person.confirm(&format!("{base}/nowhere")).await.unwrap_err().to_string().contains("404"));
    assert!(person.open(&format!("{base}/loop")).await.is_err());
}
