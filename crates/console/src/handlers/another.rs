use axum::{Extension, extract::State, http::StatusCode, response::Response};
use habeas_domain::{Language, Personal};
use minijinja::context;

use super::{confirm, see_other::see_other};
use crate::{
    TypedCode, form::Fields, link::Link, notice::Notice, pages::Page, state::Console, steady::steadily,
};

/// The longest text that is looked up, in bytes: longer than any address.
const LONGEST: usize = 320;

/// Asks for something else that the person may be known by. Changes nothing.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let page = open(&console, &link).await?.then(|| form(&link, None));
    Ok(console.draw(language, page.unwrap_or_else(|| confirm::ended(&link)).at(place(&link))))
}

/// Has a code sent to what is on file with it, if anything is, and leads to where the code is typed.
pub(super) async fn name(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    fields: Fields,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let named = fields.get("named").trim();
    if named.is_empty() || named.len() > LONGEST {
        let page = open(&console, &link).await?.then(|| form(&link, Some("form")));
        let page = page.map(|page| page.with(StatusCode::UNPROCESSABLE_ENTITY));
        return Ok(console.draw(language, page.unwrap_or_else(|| confirm::ended(&link)).at(place(&link))));
    }
    let named = Personal::new(named.to_owned());
    let sent = steadily(console.settings.answer_step, async {
        match &link.0 {
            Some(secret) => console.desk.name_another(secret, &named).await,
            None => Ok(false),
        }
    });
    sent.await?;
    Ok(see_other(language, &format!("{}/code", place(&link))))
}

/// Asks for the code. The same for everybody, whether or not one was sent. Changes nothing.
pub(super) async fn code(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let page = open(&console, &link).await?.then(|| code_form(&link, None));
    let page = page.unwrap_or_else(|| confirm::ended(&link));
    Ok(console.draw(language, page.at(format!("{}/code", place(&link)))))
}

/// Tries the code.
pub(super) async fn try_it(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    fields: Fields,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let mistaken = |mistake| {
        code_form(&link, Some(mistake))
            .with(StatusCode::UNPROCESSABLE_ENTITY)
            .at(format!("{}/code", place(&link)))
    };
    let Some(code) = TypedCode::parse(fields.get("code")) else {
        let page = open(&console, &link).await?.then(|| mistaken("form"));
        return Ok(console.draw(language, page.unwrap_or_else(|| confirm::ended(&link))));
    };
    let tried = steadily(console.settings.answer_step, async {
        match &link.0 {
            Some(secret) => console.desk.try_on_file_code(secret, &code).await,
            None => Ok(None),
        }
    });
    Ok(match tried.await? {
        Some(true) => console.draw(language, noted(&link)),
        Some(false) => console.draw(language, mistaken("wrong")),
        None => console.draw(language, confirm::ended(&link)),
    })
}

async fn open(console: &Console, link: &Link) -> Result<bool, Notice> {
    Ok(match &link.0 {
        Some(secret) => console.desk.second_step(secret).await?.is_some_and(|step| step.another),
        None => false,
    })
}

fn place(link: &Link) -> String {
    format!("/identity/{}/another", link.in_path())
}

fn form(link: &Link, mistake: Option<&'static str>) -> Page {
    Page::new("identity-another", context! { link => link.in_path(), mistake })
}

fn code_form(link: &Link, mistake: Option<&'static str>) -> Page {
    Page::new("identity-another-code", context! { link => link.in_path(), mistake })
}

fn noted(link: &Link) -> Page {
    Page::new("identity-noted", context! { link => link.in_path() })
}
