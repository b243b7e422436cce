use axum::{
    Extension,
    extract::{FromRequestParts, Path, Query, State, rejection::QueryRejection},
    http::{StatusCode, request::Parts},
    response::Response,
};
use habeas_domain::{Language, Personal, verification::Method, wording};
use minijinja::{Value, context};
use serde::Deserialize;

use super::{confirm, see_other::see_other};
use crate::{
    AskedFor, HandedIn, LinkSecret, Progress, SecondStep, TypedCode, form::Fields, link::Link,
    notice::Notice, pages::Page, state::Console, steady::steadily,
};

/// The longest token of a sign-in that is passed on, in bytes.
const LONGEST_TOKEN: usize = 8 * 1024;

/// A way in the path of a call.
pub(super) struct Way(Method);

impl<S: Send + Sync> FromRequestParts<S> for Way {
    type Rejection = Notice;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Notice> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((_, way)) = path.map_err(|_| Notice::NotFound)?;
        let method: Method = way.parse().map_err(|_| Notice::NotFound)?;
        let shown = method != Method::MailLink && !method.is_judged_by_staff() && !method.is_of_a_guardian();
        shown.then_some(Self(method)).ok_or(Notice::NotFound)
    }
}

/// What the company's sign-in sends a person back with.
#[derive(Deserialize, Default)]
pub(super) struct Back {
    #[serde(default)]
    token: String,
}

/// Shows what can be handed in. Changes nothing.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let found = match &link.0 {
        Some(secret) => console.desk.second_step(secret).await?,
        None => None,
    };
    let page = match found {
        Some(step) => list(&console, &step, &link, language),
        None => confirm::over(&console, &link, language).await?,
    };
    Ok(console.draw(language, page.at(format!("/identity/{}", link.in_path()))))
}

/// Begins a way, and leads to its page.
pub(super) async fn begin(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    Way(way): Way,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let begun = steadily(console.settings.answer_step, async {
        match &link.0 {
            Some(secret) => console.desk.begin(secret, way).await,
            None => Ok(false),
        }
    });
    begun.await?;
    Ok(see_other(language, &place(&link, way)))
}

/// Shows what a way asks for. Changes nothing.
pub(super) async fn way(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    Way(way): Way,
    back: Result<Query<Back>, QueryRejection>,
) -> Result<Response, Notice> {
    let token = back.ok().map(|Query(back)| back.token).filter(|token| token.len() <= LONGEST_TOKEN);
    let page = match &link.0 {
        Some(secret) => of_way(&console, secret, way, (None, token)).await?,
        None => None,
    };
    let page = match page {
        Some(page) => page,
        None => confirm::over(&console, &link, language).await?,
    };
    Ok(console.draw(language, page.at(place(&link, way))))
}

/// Judges what was handed in.
pub(super) async fn hand_in(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    Way(way): Way,
    fields: Fields,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let Some(secret) = &link.0 else { return Ok(console.draw(language, confirm::ended(&link))) };
    let Some(handed_in) = read(way, &fields) else {
        let page = of_way(&console, secret, way, (Some("form"), None)).await?;
        return Ok(drawn(&console, language, page, &link, way));
    };
    let judged =
        steadily(console.settings.answer_step, async { console.desk.hand_in(secret, way, handed_in).await });
    match judged.await? {
        Some(Progress::Done(done)) => {
            Ok(console.draw(language, confirm::thanks(&console, &done, &link, language)))
        }
        Some(Progress::Counts) => Ok(confirm::second_step(&link, language)),
        Some(Progress::Not) => {
            let page = of_way(&console, secret, way, (Some("wrong"), None)).await?;
            Ok(drawn(&console, language, page, &link, way))
        }
        None => Ok(console.draw(language, confirm::over(&console, &link, language).await?)),
    }
}

fn place(link: &Link, way: Method) -> String {
    format!("/identity/{}/{way}", link.in_path())
}

/// A page with a mistake on it.
fn drawn(console: &Console, language: Language, page: Option<Page>, link: &Link, way: Method) -> Response {
    let page = page.map(|page| page.with(StatusCode::UNPROCESSABLE_ENTITY).at(place(link, way)));
    console.draw(language, page.unwrap_or_else(|| confirm::ended(link)))
}

/// What a form holds; nothing if it cannot be what the way asks for, whoever sends it.
fn read(way: Method, fields: &Fields) -> Option<HandedIn> {
    match way {
        Method::SmsCode => TypedCode::parse(fields.get("code")).map(HandedIn::Code),
        Method::RecentDealings => {
            let answers: Vec<_> = fields.all("answer").map(|text| Personal::new(text.to_owned())).collect();
            let typed = answers.iter().any(|answer| !answer.expose().trim().is_empty());
            typed.then_some(HandedIn::Answers(answers))
        }
        Method::Declaration => (fields.get("declare") == "yes").then_some(HandedIn::Declared),
        Method::SignIn => {
            let token = fields.get("token");
            let fit = !token.is_empty() && token.len() <= LONGEST_TOKEN;
            fit.then(|| HandedIn::SignIn(Personal::new(token.to_owned())))
        }
        Method::MailLink
        | Method::Document
        | Method::CallBack
        | Method::Mandate
        | Method::GuardianLink
        | Method::GuardianOnFile
        | Method::GuardianProof => None,
    }
}

fn list(console: &Console, step: &SecondStep, link: &Link, language: Language) -> Page {
    let ways: Vec<&str> = step.ways.iter().map(|way| way.as_str()).collect();
    let facts = context! {
        link => link.in_path(),
        reference => step.reference.as_str(),
        ways,
        call_back => step.call_back,
        another => step.another,
        received_on => wording::day_of(step.received_at, console.settings.time_zone, language),
    };
    Page::new(if step.ways.is_empty() { "identity-by-staff" } else { "identity" }, facts)
}

/// The page of a way. `mistake` is `form` for what cannot be an answer, and `wrong` for one that does not count.
async fn of_way(
    console: &Console,
    link: &LinkSecret,
    way: Method,
    (mistake, token): (Option<&'static str>, Option<String>),
) -> Result<Option<Page>, Notice> {
    let asked = console.desk.asked_for(link, way).await?;
    let facts = |more: Value| context! { link => link.expose(), mistake, ..more };
    Ok(asked.map(|asked| match asked {
        AskedFor::Code => Page::new("identity-code", facts(context! {})),
        AskedFor::Answers(questions) => {
            let questions: Vec<_> = questions
                .iter()
                .map(|one| context! { en => one.en.as_str(), ja => one.ja.as_str() })
                .collect();
            Page::new("identity-questions", facts(context! { questions }))
        }
        AskedFor::Declaration => Page::new("identity-declaration", facts(context! {})),
        AskedFor::SignIn(url) => {
            let token = token.unwrap_or_default();
            Page::new("identity-sign-in", facts(context! { url => url.expose(), token }))
        }
    }))
}
