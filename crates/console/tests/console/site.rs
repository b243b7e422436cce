//! A desk that remembers what it was asked, and a browser without a network.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use habeas_console::{
    Another, AskedFor, Confirmation, ConsoleOptions, Desk, GrantText, Granted, HandedIn, HandedPaper,
    LinkSecret, Offer, PackageBytes, PackageStream, Progress, Proof, RateLimits, Redeemed, SecondStep,
    TypedCode, WantedPaper, router,
};
use habeas_domain::{
    Bilingual, Fault, PackageId, PaperKind, Personal, Right, TypedId as _, paper::media_type,
    verification::Method,
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

pub(crate) const OPEN: &str = "ooooooooooooooooooooooooooooooooooooooooooo";
pub(crate) const UNKNOWN: &str = "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu";
pub(crate) const ADDRESS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const GUARDIAN: &str = "ggggggggggggggggggggggggggggggggggggggggggg";
pub(crate) const STOP: &str = "sssssssssssssssssssssssssssssssssssssssssss";
pub(crate) const LATE: &str = "lllllllllllllllllllllllllllllllllllllllllll";
pub(crate) const AGENT: &str = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
pub(crate) const AGENT_END: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
pub(crate) const BROKEN: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
pub(crate) const CODE: &str = "12345678";
pub(crate) const GRANT: &str = "a-grant-of-the-desk";

/// Answers about fixed links, and remembers every call that may change something.
#[derive(Default)]
pub(crate) struct FakeDesk {
    pub(crate) changes: Mutex<Vec<&'static str>>,
    pub(crate) rights: Mutex<Vec<Right>>,
    pub(crate) downloads_left: Mutex<u32>,
    pub(crate) granted: Mutex<bool>,
    pub(crate) more: Mutex<bool>,
    pub(crate) child: Mutex<bool>,
    pub(crate) agent: Mutex<bool>,
    /// Whether nothing can be shown on a page, and whether staff can call.
    pub(crate) only_staff: Mutex<Option<bool>>,
    /// Whether the links were used, a while ago.
    pub(crate) used: Mutex<bool>,
    /// Whether the request of the open link was confirmed and goes on.
    pub(crate) done: Mutex<bool>,
}

impl FakeDesk {
    fn did(&self, what: &'static str) {
        self.changes.lock().unwrap().push(what);
    }

    pub(crate) fn changes(&self) -> Vec<&'static str> {
        self.changes.lock().unwrap().clone()
    }

    fn confirmation(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault> {
        let pressed = self.changes().contains(&"confirm");
        let proof = match link.expose() {
            OPEN => Proof::Identity,
            ADDRESS => Proof::NewAddress,
            GUARDIAN => Proof::Guardian,
            STOP if pressed => Proof::Stopped,
            LATE if pressed => Proof::StopTooLate,
            STOP | LATE => Proof::Stop,
            AGENT => Proof::Agent,
            AGENT_END if pressed => Proof::AgentEnded,
            AGENT_END => Proof::AgentEnd,
            BROKEN => return Err(Fault::temporary("ledger-unavailable", "the state database failed")),
            _ => return Ok(None),
        };
        Ok(Some(Confirmation {
            proof,
            rights: self.rights.lock().unwrap().clone(),
            reference: "HB-7K3M-9QTX".to_owned(),
            due_on: NaiveDate::from_ymd_opt(2026, 12, 21).unwrap(),
            more: *self.more.lock().unwrap(),
            child: *self.child.lock().unwrap(),
            agent: *self.agent.lock().unwrap(),
            already: self.used.lock().unwrap().then(now),
        }))
    }

    fn offer(&self, link: &LinkSecret) -> Option<Offer> {
        let downloads_left = *self.downloads_left.lock().unwrap();
        (link.expose() == OPEN && downloads_left > 0).then(|| Offer {
            right: Right::Access,
            reference: "HB-7K3M-9QTX".to_owned(),
            bytes: 2_345_678,
            expires_at: now() + chrono::TimeDelta::days(7),
            downloads_left,
        })
    }
}

#[async_trait]
impl Desk for FakeDesk {
    async fn look(&self, link: &LinkSecret) -> Result<Option<Confirmation>, Fault> {
        self.confirmation(link)
    }
    async fn confirm(&self, link: &LinkSecret, agent_too: bool) -> Result<Option<Confirmation>, Fault> {
        self.did("confirm");
        if agent_too {
            self.did("agent-too");
        }
        self.confirmation(link)
    }
    async fn try_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<Confirmation>, Fault> {
        self.did("try-code");
        let unused = !*self.used.lock().unwrap();
        if code.expose() == CODE && unused { self.confirmation(link) } else { Ok(None) }
    }
    async fn send_new_code(&self, _: &LinkSecret) -> Result<(), Fault> {
        self.did("send-new-code");
        Ok(())
    }
    async fn second_step(&self, link: &LinkSecret) -> Result<Option<SecondStep>, Fault> {
        let only_staff = *self.only_staff.lock().unwrap();
        let ways = vec![Method::SignIn, Method::SmsCode, Method::RecentDealings, Method::Declaration];
        let reference = "HB-7K3M-9QTX".to_owned();
        let waits = link.expose() == OPEN && !*self.used.lock().unwrap();
        let ways = if only_staff.is_some() { Vec::new() } else { ways };
        let call_back = only_staff.unwrap_or(true);
        let received_at = now();
        Ok(waits.then_some(SecondStep { reference, received_at, ways, call_back, another: true }))
    }
    async fn begin(&self, link: &LinkSecret, _: Method) -> Result<bool, Fault> {
        self.did("begin");
        Ok(link.expose() == OPEN)
    }
    async fn asked_for(&self, link: &LinkSecret, way: Method) -> Result<Option<AskedFor>, Fault> {
        let question = |en: &str, ja: &str| Bilingual { en: en.to_owned(), ja: ja.to_owned() };
        let asked = match way {
            Method::SmsCode => AskedFor::Code,
            Method::Declaration => AskedFor::Declaration,
            Method::SignIn => {
                AskedFor::SignIn(Personal::new("https://shop.example.com/sign-in?nonce=n".to_owned()))
            }
            _ => AskedFor::Answers(vec![
                question(
                    "In which month did you last order from us?",
                    "最後にご注文いただいたのは何年何月ですか。",
                ),
                question("Which plan do you have?", "ご契約のプランは何ですか。"),
            ]),
        };
        Ok((link.expose() == OPEN && !*self.used.lock().unwrap()).then_some(asked))
    }
    async fn hand_in(
        &self,
        link: &LinkSecret,
        _: Method,
        handed_in: HandedIn,
    ) -> Result<Option<Progress>, Fault> {
        self.did("hand-in");
        let right = match handed_in {
            HandedIn::Code(code) => code.expose() == CODE,
            HandedIn::Answers(answers) => answers.iter().any(|answer| answer.expose() == "2026-04"),
            HandedIn::Declared => return Ok((link.expose() == OPEN).then_some(Progress::Counts)),
            HandedIn::SignIn(token) => token.expose() == "token",
        };
        let done = self.confirmation(link)?.filter(|_| right);
        Ok((link.expose() == OPEN).then_some(done.map_or(Progress::Not, Progress::Done)))
    }
    async fn wanted_paper(&self, link: &LinkSecret) -> Result<Option<WantedPaper>, Fault> {
        let kind = match link.expose() {
            OPEN => PaperKind::IdentityDocument,
            ADDRESS => PaperKind::Mandate,
            STOP => PaperKind::GuardianProof,
            _ => return Ok(None),
        };
        let reference = "HB-7K3M-9QTX".to_owned();
        let given_at = self.changes().contains(&"hand-in-paper").then(now);
        Ok(Some(WantedPaper { kind, reference, until: now() + chrono::TimeDelta::days(7), given_at }))
    }
    async fn hand_in_paper(&self, _: &LinkSecret, content: Personal<Vec<u8>>) -> Result<HandedPaper, Fault> {
        let taken = media_type(content.expose());
        if taken.is_ok() {
            self.did("hand-in-paper");
        }
        Ok(taken.map_or_else(HandedPaper::Refused, |_| HandedPaper::Taken))
    }
    async fn another(&self, link: &LinkSecret) -> Result<Option<Another>, Fault> {
        let done = *self.done.lock().unwrap();
        Ok((link.expose() == OPEN).then_some(if done { Another::Request } else { Another::Code }))
    }
    async fn name_another(&self, link: &LinkSecret, _: &Personal<String>) -> Result<bool, Fault> {
        self.did("name-another");
        Ok(link.expose() == OPEN)
    }
    async fn try_on_file_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<bool>, Fault> {
        self.did("try-on-file-code");
        Ok((link.expose() == OPEN).then_some(code.expose() == CODE))
    }
    async fn look_at_package(&self, link: &LinkSecret) -> Result<Option<Offer>, Fault> {
        Ok(self.offer(link))
    }
    async fn send_download_code(&self, _: &LinkSecret) -> Result<(), Fault> {
        self.did("send-download-code");
        Ok(())
    }
    async fn try_download_code(&self, link: &LinkSecret, code: &TypedCode) -> Result<Option<Granted>, Fault> {
        self.did("try-download-code");
        let offer = self.offer(link).filter(|_| code.expose() == CODE);
        let grant = GrantText::new(GRANT);
        *self.granted.lock().unwrap() |= offer.is_some();
        Ok(offer.map(|offer| Granted { grant, offer }))
    }
    async fn redeem(&self, link: &LinkSecret, grant: &GrantText) -> Result<Option<Redeemed>, Fault> {
        let offer = self.offer(link).filter(|_| grant.expose() == GRANT);
        let granted = std::mem::take(&mut *self.granted.lock().unwrap());
        let Some(offer) = offer.filter(|_| granted) else { return Ok(None) };
        *self.downloads_left.lock().unwrap() -= 1;
        self.did("redeem");
        let package = PackageId::from_uuid(uuid::Uuid::from_u128(5));
        Ok(Some(Redeemed { package, right: offer.right, reference: offer.reference, bytes: 22 }))
    }
    async fn renew_package(&self, _: &LinkSecret) -> Result<(), Fault> {
        self.did("renew-package");
        Ok(())
    }
}

#[async_trait]
impl PackageBytes for FakeDesk {
    async fn open(&self, _: PackageId) -> Result<PackageStream, Fault> {
        let parts = ["PK", "of a", "fictional person"].map(|part| Ok(Bytes::from_static(part.as_bytes())));
        Ok(Box::pin(futures::stream::iter(parts)))
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// The pages with a desk behind them.
pub(crate) struct Site {
    pub(crate) desk: Arc<FakeDesk>,
    pub(crate) router: Router,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        let many = NonZeroU32::new(10_000).unwrap();
        Self::with(RateLimits { looks_per_client: many, posts_per_client: many, posts_per_link: many })
    }

    pub(crate) fn with(limits: RateLimits) -> Self {
        let desk = Arc::new(FakeDesk {
            rights: Mutex::new(vec![Right::Access, Right::Deletion]),
            downloads_left: Mutex::new(3),
            ..FakeDesk::default()
        });
        let mut options = ConsoleOptions::new("privacy@example.jp");
        options.controller =
            Some(Bilingual { en: "Example Shop".to_owned(), ja: "株式会社サンプル".to_owned() });
        options.time_zone = chrono_tz::Asia::Tokyo;
        options.answer_step = Duration::ZERO;
        options.limits = limits;
        let router = router(desk.clone(), desk.clone(), options).unwrap();
        Self { desk, router }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(post(path, form).body(Body::from(form.to_owned())).unwrap()).await
    }
}

pub(crate) fn post(path: &str, form: &str) -> axum::http::request::Builder {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONTENT_LENGTH, form.len())
        .header("sec-fetch-site", "same-origin")
}

/// The value of a hidden field.
pub(crate) fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0
}
