//! A child's account, against the running daemon: the child's click opens nothing, the guardian on file does, and gets
//! the answer.

use std::time::Duration;

use habeas_test_support::{Person, Port, TestDaemon, daemon::DaemonOptions, mailbox, wait};
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};

use crate::program::Program;

const CHILD: &str = "hanako@example.jp";
const PARENT: &str = "ichiro@example.jp";

const MANIFEST: &str = r#"
[store]
name = "shop"
driver = "sqlite"
url = "sqlite://shop.db"
product = "Shop"
title = { en = "Shop", ja = "ショップ" }

[[collection]]
name = "customer"
title = { en = "Customer", ja = "お客様" }
delete = "rows"
fields.email  = { key = "email", category = "user.contact.email", provided = true }
fields.name   = { category = "user.name", provided = true }
fields.parent = { guardian = true, category = "user.family" }
"#;

const ROWS: &str = "
CREATE TABLE customer (email TEXT, name TEXT, parent TEXT);
CREATE INDEX customer_email ON customer (email);
INSERT INTO customer VALUES ('hanako@example.jp', '山田 花子', 'Ichiro@example.jp');
";

struct House {
    program: Program,
    _daemon: TestDaemon,
}

impl House {
    async fn build() -> Self {
        let reserved = Port::reserve().unwrap();
        let port = reserved.number();
        let program = Program::with(&format!("[http]\nlisten = \"127.0.0.1:{port}\"\n"));
        program.write("habeas-data/stores/shop.toml", MANIFEST);
        let file = format!("sqlite://{}?mode=rwc", program.path("shop.db").display());
        let mut db = SqliteConnection::connect(&file).await.unwrap();
        sqlx::raw_sql(ROWS).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
        let options = DaemonOptions::new()
            .program(env!("CARGO_BIN_EXE_habeas"))
            .arg("serve")
            .current_dir(program.path(""))
            .ready_port(port);
        let daemon = TestDaemon::start(options).await.unwrap();
        Self { program, _daemon: daemon }
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.program.run(&[arguments, &["--output", "json"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()
    }

    fn submit(&self, guardian: &str) -> String {
        let arguments = [
            "request",
            "submit",
            "--email",
            CHILD,
            "--right",
            "access",
            "--regime",
            "jp_appi",
            "--language",
            "ja",
            "--child",
            "--child-age",
            "9",
            "--guardian-name",
            "山田 一郎",
            "--guardian-email",
            guardian,
        ];
        self.json(&arguments)["id"].as_str().unwrap().to_owned()
    }

    /// Waits for the mail that hands the package over.
    async fn package_arrives(&self, address: &str) {
        let folder = self.program.path("habeas-data/mail");
        let package = wait::ok("the package", Duration::from_mins(1), || async {
            let mails = mailbox::in_folder(&folder, address)?;
            mails
                .iter()
                .find_map(|mail| mail.link_with("/package/").ok())
                .ok_or_else(|| anyhow::anyhow!("none yet"))
        });
        package.await.unwrap();
    }

    /// Presses the button of the first link for this address.
    async fn confirm(&self, address: &str) {
        let folder = self.program.path("habeas-data/mail");
        let link = wait::ok("the mail", Duration::from_mins(1), || async {
            let mails = mailbox::in_folder(&folder, address)?;
            mails
                .iter()
                .find_map(|mail| mail.link_with("/confirm/").ok())
                .ok_or_else(|| anyhow::anyhow!("none yet"))
        });
        Person::new().unwrap().confirm(&link.await.unwrap()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guardian_on_file_opens_a_childs_request_and_nobody_else() {
    let house = House::build().await;
    let id = house.submit(PARENT);
    let show = |id: &str| house.json(&["request", "show", id]);
    house.confirm(CHILD).await;
    let shown = show(&id);
    assert_eq!(
        (shown["status"].as_str(), shown["guardian"].as_str()),
        (Some("awaiting-verification"), Some("named"))
    );
    assert_eq!(shown["waits_for"], serde_json::json!(["guardian"]));
    house.confirm(PARENT).await;
    assert_ne!(show(&id)["status"], "awaiting-verification");
    house.package_arrives(PARENT).await;
    let mails = mailbox::in_folder(&house.program.path("habeas-data/mail"), CHILD).unwrap();
    assert!(
        mails.iter().all(|mail| mail.link_with("/package/").is_err()),
        "the package goes to the guardian alone"
    );

    let stranger = house.submit("stranger@example.com");
    house.confirm("stranger@example.com").await;
    let shown = show(&stranger);
    assert_eq!(
        (shown["status"].as_str(), shown["guardian"].as_str()),
        (Some("awaiting-verification"), Some("confirmed"))
    );
    assert_eq!(shown["waits_for"], serde_json::json!(["staff-guardian"]));
    assert_eq!(house.program.run(&["audit", "verify"]).code, 0);
}
