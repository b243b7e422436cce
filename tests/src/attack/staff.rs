//! What staff are shown, through the API.

use anyhow::{Context as _, Result, ensure};
use habeas_test_support::{http_client, wait};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{LIMIT, Letter};

/// A member of staff with a token that allows everything.
#[derive(Debug)]
pub struct Staff {
    client: Client,
    base: String,
    token: String,
}

impl Staff {
    /// Somebody who works with the API at `base`.
    pub(super) fn new(base: String, token: &str) -> Result<Self> {
        Ok(Self { client: http_client()?, base, token: token.to_owned() })
    }

    /// A colleague, with a token of their own that may read and approve.
    pub async fn hire(&self, name: &str) -> Result<Self> {
        let wanted = json!({ "name": "attack", "holder": name, "scopes": ["read", "approve"], "days": 1 });
        let (status, made) = self.call(Method::POST, "/v1/tokens", Some(&wanted)).await?;
        let token = made["token"].as_str().with_context(|| format!("{status}: no token in {made}"))?;
        Self::new(self.base.clone(), token)
    }

    /// Calls the API; the status and the body.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(u16, Value)> {
        let mut call = self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            call = call.json(body);
        }
        let answer = call.send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.unwrap_or_default()))
    }

    /// What the API shows at a path; must succeed.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let (status, body) = self.call(Method::GET, path, None).await?;
        ensure!(status == 200, "GET {path} answered {status}: {body}");
        Ok(body)
    }

    /// Types in a request; its id.
    pub async fn submit(&self, submission: &Value) -> Result<String> {
        let (status, body) = self.call(Method::POST, "/v1/requests", Some(submission)).await?;
        ensure!(status == 201, "the submission was answered {status}: {body}");
        body["id"].as_str().map(str::to_owned).context("no id")
    }

    /// Types in a request for these rights of the person at this address; its id.
    pub async fn ask(&self, email: &str, rights: &[&str]) -> Result<String> {
        self.submit(&json!({ "subject": { "email": email }, "rights": rights })).await
    }

    /// All requests, oldest first.
    pub async fn requests(&self) -> Result<Vec<Value>> {
        self.items("/v1/requests?limit=200").await
    }

    /// One request.
    pub async fn request(&self, id: &str) -> Result<Value> {
        self.get(&format!("/v1/requests/{id}")).await
    }

    /// All mails that came in, oldest first.
    pub async fn mails(&self) -> Result<Vec<Value>> {
        self.items("/v1/mails?limit=200").await
    }

    async fn items(&self, path: &str) -> Result<Vec<Value>> {
        let page = self.get(path).await?;
        let mut items = page["items"].as_array().cloned().context("no list")?;
        items.reverse();
        Ok(items)
    }

    /// Waits until so many mails came in and every one was decided; all of them, oldest first.
    pub async fn decided(&self, mails: usize) -> Result<Vec<Value>> {
        let all = wait::value(format!("{mails} mails to be decided"), LIMIT, || async {
            let all = self.mails().await.ok()?;
            let decided = all.len() >= mails && all.iter().all(|mail| !mail["decided_at"].is_null());
            decided.then_some(all)
        });
        all.await
    }

    /// Waits until these mails were decided; each with what was understood of it, in this order.
    pub async fn read(&self, letters: &[Letter]) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        for mail in self.decided(letters.len()).await? {
            found.push(self.reveal(&mail).await?);
        }
        let of = |letter: &Letter| {
            let is = |mail: &&Value| mail["content"]["understanding"]["message_id"] == letter.id();
            found.iter().find(is).cloned().context("a mail that is not there")
        };
        letters.iter().map(of).collect()
    }

    /// A mail with what was understood of it.
    pub async fn reveal(&self, mail: &Value) -> Result<Value> {
        let id = mail["id"].as_str().context("a mail without an id")?;
        self.get(&format!("/v1/mails/{id}?reveal=personal")).await
    }

    /// The audit trail of a request: each event with its detail.
    pub async fn trail(&self, id: &str) -> Result<Vec<(String, Value)>> {
        let trail = self.get(&format!("/v1/audit/{id}")).await?;
        ensure!(trail["intact"] == true, "a broken chain: {trail}");
        let entries = trail["entries"].as_array().cloned().unwrap_or_default();
        let event =
            |entry: &Value| (entry["event"].as_str().unwrap_or_default().to_owned(), entry["detail"].clone());
        Ok(entries.iter().map(event).collect())
    }

    /// How often an event stands in the trail of a request.
    pub async fn times(&self, id: &str, event: &str) -> Result<usize> {
        Ok(self.trail(id).await?.iter().filter(|(word, _)| word == event).count())
    }

    /// Waits until a request is in this state.
    pub async fn becomes(&self, id: &str, state: &str) -> Result<Value> {
        wait::ok(format!("the request to become {state}"), LIMIT, || async {
            let shown = self.request(id).await?;
            ensure!(shown["state"] == state, "it is {} and waits for {}", shown["state"], shown["waits_for"]);
            Ok(shown)
        })
        .await
    }

    /// The numbers that ops watch.
    pub async fn metrics(&self) -> Result<String> {
        let call = self.client.get(format!("{}/metrics", self.base)).bearer_auth(&self.token);
        Ok(call.send().await?.error_for_status()?.text().await?)
    }
}
