//! A person with a browser: opens links from mails, reads pages, fills in forms and presses their buttons.

mod form;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, Response, Url};

pub use form::Form;

use crate::http;

const REDIRECTS: usize = 5;

/// A person with a browser of their own: cookies are kept, scripts are not run.
#[derive(Debug)]
pub struct Person {
    client: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
    address: Option<String>,
}

/// A page or a file, as it came.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it came from, after redirects.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The content.
    pub body: Bytes,
}

impl Page {
    /// The content as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// All forms of the page that are sent by POST.
    pub fn forms(&self) -> Vec<Form> {
        form::posted_forms(&self.text())
    }

    /// The one form of the page that is sent by POST.
    pub fn form(&self) -> Result<Form> {
        let mut forms = self.forms();
        ensure!(
            forms.len() == 1,
            "{} forms to post on {} ({}):\n{}",
            forms.len(),
            self.url,
            self.status,
            self.text()
        );
        forms.pop().context("there is one")
    }

    /// Fails unless the status is 2xx.
    pub fn successful(self) -> Result<Self> {
        ensure!((200..300).contains(&self.status), "{} answered {}:\n{}", self.url, self.status, self.text());
        Ok(self)
    }
}

impl Person {
    /// A person with an empty browser.
    pub fn new() -> Result<Self> {
        Ok(Self { client: http::client()?, cookies: Mutex::default(), address: None })
    }

    /// The same person behind a proxy that says they come from this address: limits are per address.
    #[must_use]
    pub fn at(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Opens a link (GET, redirects followed). Any status is an answer.
    pub async fn open(&self, url: &str) -> Result<Page> {
        let url = Url::parse(url).with_context(|| format!("{url:?} is no link"))?;
        let page = self.send(self.client.get(url.clone()), url).await?;
        self.follow(page).await
    }

    /// Presses the button of the page's one form, sending its hidden fields.
    pub async fn press(&self, page: &Page) -> Result<Page> {
        self.fill_in(page, &[]).await
    }

    /// Fills in the page's one form and presses its button. Each field given must be in the form.
    pub async fn fill_in(&self, page: &Page, values: &[(&str, &str)]) -> Result<Page> {
        self.submit(page, &page.form()?, values).await
    }

    /// Fills in this form of the page and presses its button.
    pub async fn submit(&self, page: &Page, form: &Form, values: &[(&str, &str)]) -> Result<Page> {
        let target =
            page.url.join(&form.action).with_context(|| format!("{:?} is no address", form.action))?;
        let fields = form.filled_in(values)?;
        let request = self.client.post(target.clone()).form(&fields);
        let answer = self.send(request, target).await?;
        self.follow(answer).await
    }

    /// Chooses a file in `field` of the page's one form and presses its button.
    pub async fn hand_in(&self, page: &Page, field: &str, content: &[u8]) -> Result<Page> {
        const EDGE: &str = "edge-of-a-form-with-a-file";
        let form = page.form()?;
        ensure!(form.fields.iter().any(|(name, _)| name == field), "the form has no field {field:?}");
        let target =
            page.url.join(&form.action).with_context(|| format!("{:?} is no address", form.action))?;
        let head = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"scan\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), content, format!("\r\n--{EDGE}--\r\n").as_bytes()].concat();
        let request = self
            .client
            .post(target.clone())
            .header(CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
            .body(body);
        let answer = self.send(request, target).await?;
        self.follow(answer).await
    }

    /// Opens a link and presses the button on its page; both must succeed.
    pub async fn confirm(&self, url: &str) -> Result<Page> {
        let page = self.open(url).await?.successful()?;
        self.press(&page).await?.successful()
    }

    async fn follow(&self, mut page: Page) -> Result<Page> {
        for _ in 0..REDIRECTS {
            if !(300..400).contains(&page.status) {
                return Ok(page);
            }
            let target = page.headers.get(LOCATION).context("a redirect without a target")?.to_str()?;
            let target = page.url.join(target).context("a redirect to no address")?;
            page = self.send(self.client.get(target.clone()), target).await?;
        }
        bail!("more than {REDIRECTS} redirects, the last to {}", page.url)
    }

    async fn send(&self, request: RequestBuilder, url: Url) -> Result<Page> {
        let mut request = self.with_cookies(request);
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        let answer = request.send().await.with_context(|| url.to_string())?;
        self.keep_cookies(&answer);
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.with_context(|| format!("reading {url}"))?;
        Ok(Page { url, status, headers, body })
    }

    fn with_cookies(&self, request: RequestBuilder) -> RequestBuilder {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { request } else { request.header(COOKIE, pairs.join("; ")) }
    }

    fn keep_cookies(&self, answer: &Response) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let set = answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        for (name, value) in set.filter_map(|cookie| cookie.split(';').next()?.split_once('=')) {
            cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

impl Page {
    /// The media type, without parameters.
    pub fn media_type(&self) -> String {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_owned()
    }
}
