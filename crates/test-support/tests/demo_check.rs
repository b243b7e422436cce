//! The check of the demo accepts what is right and finds what is wrong.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

const RIGHTS: [&str; 4] = ["access", "deletion", "correction", "portability"];

/// As much of a package as the check looks at.
const ZIP: &[u8] = b"PK\x03\x04 manifest.json index.html";

/// A folder and document as a good demo leaves them.
async fn good(folder: &Path) -> Value {
    for store in ["a", "b", "c", "d"] {
        let options = SqliteConnectOptions::new().filename(folder.join(store)).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let sql = "CREATE TABLE people (email text); INSERT INTO people VALUES ('access@example.com'), ('portability@example.com')";
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
    std::fs::write(folder.join("p.zip"), ZIP).unwrap();
    let mut mails = Vec::new();
    for right in RIGHTS {
        let (to, file) = (format!("{right}@example.com"), format!("{right}.eml"));
        std::fs::write(folder.join(&file), format!("To: {to}\r\nSubject: Hello\r\n\r\nx\r\n")).unwrap();
        let mail = json!({"to": to, "subject": "Hello", "kind": "received", "file": file});
        mails.extend([mail.clone(), mail.clone(), mail]);
    }
    let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(ZIP));
    let task = json!({"store": "a", "status": "done", "rows": 1});
    let job = |right: &str| json!({"right": right, "status": "done", "tasks": [task]});
    let request = |id: &str, email: String, channel: &str, jobs: Vec<Value>| json!({"id": id, "status": "closed", "email": email, "channel": channel, "due": "2030-01-01", "jobs": jobs});
    let mut requests = RIGHTS
        .map(|right| request(right, format!("{right}@example.com"), "ticket", vec![job(right)]))
        .to_vec();
    let both = vec![job("access"), job("portability")];
    requests.push(request("by-mail", "access@example.com".to_owned(), "mailbox", both));
    let packages = ["access", "portability"]
        .map(|right| json!({"request": right, "right": right, "file": "p.zip", "sha256": sha256}));
    let stores = ["a", "b", "c", "d"].map(|name| json!({"name": name, "file": name}));
    json!({"requests": requests, "mails": mails, "packages": packages, "stores": stores})
}

/// Whether the check passes, and what it says.
fn check(folder: &Path, document: &Value) -> (bool, String) {
    let file = folder.join("demo.json");
    std::fs::write(&file, document.to_string()).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_habeas-demo-check")).arg(file).arg(folder).output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn a_good_demo_passes() {
    let folder = tempfile::tempdir().unwrap();
    let document = good(folder.path()).await;
    assert_eq!(check(folder.path(), &document), (true, String::new()));
}

#[tokio::test]
async fn each_fault_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let document = good(folder.path()).await;
    for (path, value, expected) in [
        ("/requests/0/status", json!("in_progress"), "not closed"),
        ("/requests/1/jobs/0/status", json!("refused"), "not done"),
        ("/requests/2/jobs/0/tasks/0/status", json!("parked"), "is parked"),
        ("/requests/3/jobs/0/tasks/0/rows", json!(0), "touched no row"),
        ("/requests/1/email", json!("access@example.com"), "still in"),
        ("/requests/0/email", json!("nobody@example.com"), "in no store any more"),
        ("/mails/0/file", json!("gone.eml"), "gone.eml"),
        ("/mails/0/subject", json!("Bye"), "another subject"),
        ("/mails/0/to", json!("other@example.com"), "another To"),
        ("/packages/0/sha256", json!("00"), "another SHA-256"),
        ("/packages/0/request", json!("none"), "belongs to no request"),
        ("/packages/1/right", json!("access"), "no package for portability"),
        ("/stores/3/file", json!("none"), "store d"),
    ] {
        let mut wrong = document.clone();
        *wrong.pointer_mut(path).unwrap() = value;
        let (passes, told) = check(folder.path(), &wrong);
        assert!(!passes && told.contains(expected), "{path}: {told}");
    }
}
