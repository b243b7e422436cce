//! A browser without scripts: opens pages, presses buttons.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, Response, Url};

use super::form;
use crate::failure::{Exit, Failure};

/// How long a page may take.
const LIMIT: Duration = Duration::from_secs(15);

/// A browser.
#[derive(Debug, Clone)]
pub(super) struct Browser(Client);

/// A page or a file.
#[derive(Debug, Clone)]
pub(super) struct Page {
    url: Url,
    /// What it holds.
    pub(super) body: Bytes,
}

impl Browser {
    pub(super) fn new() -> Result<Self, Failure> {
        let client = Client::builder().timeout(LIMIT).no_proxy().build();
        client.map(Self).map_err(|error| Failure::of(Exit::Unavailable, "demo", &error))
    }

    /// Opens a link. It must lead to a page.
    pub(super) async fn open(&self, link: &str) -> Result<Page, Failure> {
        page(self.0.get(link).send().await).await
    }

    /// Presses the main button of a page, with what was typed.
    pub(super) async fn press(&self, on: &Page, typed: &[(&str, &str)]) -> Result<Page, Failure> {
        let text = String::from_utf8_lossy(&on.body);
        let form = form::first(&text).ok_or_else(|| failed("a page holds no button to press"))?;
        let target = on.url.join(&form.action).map_err(|_| failed("a button leads nowhere"))?;
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = hidden.chain(typed.iter().copied()).collect();
        page(self.0.post(target).form(&fields).send().await).await
    }
}

async fn page(answer: Result<Response, reqwest::Error>) -> Result<Page, Failure> {
    // A link is a secret: no error shows it.
    let broken = |error: reqwest::Error| Failure::of(Exit::Findings, "demo", &error.without_url());
    let answer = answer.map_err(broken)?;
    if !answer.status().is_success() {
        return Err(failed(&format!("a page answered {}", answer.status())));
    }
    let url = answer.url().clone();
    Ok(Page { url, body: answer.bytes().await.map_err(broken)? })
}

fn failed(message: &str) -> Failure {
    Failure::new(Exit::Findings, "demo", message).fix("look at the log in the demo's folder")
}
