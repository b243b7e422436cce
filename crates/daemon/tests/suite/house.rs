//! A company with one small shop, and the daemon running for it.

use std::time::Duration;

use habeas_test_support::{Port, TestDaemon, mailbox, wait};
use serde_json::Value;

use crate::program::{Program, Ran};

/// The shop's manifest.
pub(crate) const MANIFEST: &str = r#"
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

/// The shop.
pub(crate) const ROWS: &str = "
CREATE TABLE customer (email TEXT, name TEXT, parent TEXT);
CREATE INDEX customer_email ON customer (email);
INSERT INTO customer VALUES ('hanako@example.jp', '山田 花子', 'Ichiro@example.jp');
";

/// The daemon, and the command line beside it.
pub(crate) struct House {
    pub(crate) program: Program,
    port: u16,
    _daemon: TestDaemon,
}

impl House {
    /// With this added to the configuration.
    pub(crate) async fn build(config: &str) -> Self {
        Self::of(config, MANIFEST, ROWS).await
    }

    /// The same with another shop.
    pub(crate) async fn of(config: &str, manifest: &str, rows: &'static str) -> Self {
        let reserved = Port::reserve().unwrap();
        let port = reserved.number();
        let program = Program::with(&format!("[http]\nlisten = \"127.0.0.1:{port}\"\n{config}"));
        program.open_shop(manifest, rows).await;
        let daemon = TestDaemon::start(program.serving(port)).await.unwrap();
        Self { program, port, _daemon: daemon }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.program.run(&[arguments, &["--output", "json"]].concat())
    }

    /// The same for what has to succeed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()
    }

    /// A request to see one's data under Japan's law, with these further options.
    pub(crate) fn submit(&self, email: &str, more: &[&str]) -> String {
        let usual = ["request", "submit", "--email", email, "--right", "access"];
        let law = ["--regime", "jp_appi", "--language", "ja"];
        self.json(&[&usual[..], &law, more].concat())["id"].as_str().unwrap().to_owned()
    }

    /// A token of a member of staff with these scopes.
    pub(crate) fn token(&self, holder: &str, scopes: &str) -> String {
        let made = self.json(&["token", "create", "a desk", "--holder", holder, "--scope", scopes]);
        made["token"].as_str().unwrap().to_owned()
    }

    /// What `/metrics` says.
    pub(crate) async fn metrics(&self) -> String {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let token = std::fs::read_to_string(self.program.path("habeas-data/admin.token")).unwrap();
        let call = client.get(format!("http://127.0.0.1:{}/metrics", self.port)).bearer_auth(token.trim());
        let answer = call.send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// Puts a mail into the folder `inbox`, as a mail server does: whole, or not at all.
    pub(crate) fn deliver(&self, name: &str, raw: &[u8]) {
        let inbox = self.program.path("inbox");
        std::fs::create_dir_all(&inbox).unwrap();
        let aside = inbox.join(format!("{name}.tmp"));
        std::fs::write(&aside, raw).unwrap();
        std::fs::rename(aside, inbox.join(format!("{name}.eml"))).unwrap();
    }

    /// Hands a request in over the API, by the daemon's own token.
    pub(crate) async fn post_request(&self, body: &Value) -> (u16, Value) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let token = std::fs::read_to_string(self.program.path("habeas-data/admin.token")).unwrap();
        let call =
            client.post(format!("http://127.0.0.1:{}/v1/requests", self.port)).bearer_auth(token.trim());
        let answer = call.json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The link to such a page in a mail to this address, once it is there.
    pub(crate) async fn link(&self, address: &str, place: &str) -> String {
        let folder = self.program.path("habeas-data/mail");
        let found = wait::ok("the mail", Duration::from_mins(1), || async {
            let mails = mailbox::in_folder(&folder, address)?;
            mails
                .iter()
                .find_map(|mail| mail.link_with(place).ok())
                .ok_or_else(|| anyhow::anyhow!("none yet"))
        });
        found.await.unwrap()
    }
}
