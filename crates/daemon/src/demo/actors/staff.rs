//! A member of staff who works with the API.

use std::time::Duration;

use habeas_domain::{Actor, TokenId, TokenLife, text::TextProblem};
use habeas_ledger::{Ledger, NewToken, Scope};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};

/// How long the API may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// How long a plan may take to be there.
const PLAN_LIMIT: Duration = Duration::from_secs(20);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(30);

/// Somebody with a token of their own.
pub(in crate::demo) struct Member {
    /// Who.
    pub(in crate::demo) name: &'static str,
    /// Their token's id, which audit trails name.
    pub(in crate::demo) token: TokenId,
    secret: String,
    client: Client,
    base: String,
}

impl Member {
    /// Hires somebody: makes them a token with these scopes.
    pub(in crate::demo) async fn hire(
        ledger: &Ledger,
        name: &'static str,
        scopes: &[Scope],
        base: &str,
    ) -> Result<Self, Failure> {
        let unnamed = |error: TextProblem| Failure::of(Exit::Findings, "demo", &error);
        let new = NewToken {
            name: name.parse().map_err(unnamed)?,
            holder: name.parse().map_err(unnamed)?,
            scopes: scopes.iter().copied().collect(),
            life: TokenLife::USUAL,
        };
        let (made, secret) = ledger.create_token(&new, Actor::System).await?;
        let client = Client::builder().timeout(LIMIT).no_proxy().build();
        let client = client.map_err(|error| Failure::of(Exit::Unavailable, "demo", &error))?;
        let secret = secret.expose().to_string();
        Ok(Self { name, token: made.acts_as, secret, client, base: base.to_owned() })
    }

    /// Hands a request in. Gives its id.
    pub(in crate::demo) async fn submit(&self, submission: &Value) -> Result<String, Failure> {
        let call = self.client.post(format!("{}/v1/requests", self.base)).json(submission);
        text(&self.call(call).await?, "id")
    }

    /// Waits until the first job of a request has a plan to approve, and approves it.
    pub(in crate::demo) async fn approve(&self, request: &str) -> Result<(), Failure> {
        let waiting = async {
            loop {
                let call = self.client.get(format!("{}/v1/requests/{request}", self.base));
                let job = self.call(call).await?["jobs"][0].take();
                if job["state"] == "awaiting-approval" && job["plan"].is_string() {
                    return Ok::<Value, Failure>(job);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let late = |_| Failure::new(Exit::Findings, "demo", "no plan came to be approved");
        let job = tokio::time::timeout(PLAN_LIMIT, waiting).await.map_err(late)??;
        let (id, plan) = (text(&job, "id")?, text(&job, "plan")?);
        let call = self.client.post(format!("{}/v1/jobs/{id}/approve", self.base));
        self.call(call.json(&json!({ "plan": plan }))).await.map(drop)
    }

    async fn call(&self, call: RequestBuilder) -> Result<Value, Failure> {
        let broken = |error: reqwest::Error| Failure::of(Exit::Findings, "demo", &error);
        let answer = call.bearer_auth(&self.secret).send().await.map_err(broken)?;
        let status = answer.status();
        let body: Value = answer.json().await.map_err(broken)?;
        if status.is_success() {
            return Ok(body);
        }
        Err(Failure::new(Exit::Findings, "demo", format!("the API answered {status}: {body}")))
    }
}

fn text(of: &Value, field: &str) -> Result<String, Failure> {
    let found = of[field].as_str().map(str::to_owned);
    found.ok_or_else(|| Failure::new(Exit::Findings, "demo", format!("the API's answer lacks `{field}`")))
}
