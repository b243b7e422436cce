use axum::{Extension, extract::State, http::StatusCode, response::Response};
use habeas_domain::{Language, Personal};
use minijinja::context;

use super::{confirm, see_other::see_other};
use crate::{
    Another, TypedCode, form::Fields, link::Link, notice::Notice, pages::Page, state::Console,
    steady::steadily,
};

/// The longest text that is looked up, in bytes: longer than any address.
const LONGEST: usize = 320;

/// Asks for something else that the person may be known by. Changes nothing.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let page = open(&console, &link).await?.map(|another| form(&link, another, None));
    Ok(console.draw(language, page.unwrap_or_else(|| confirm::ended(&link)).at(place(&link))))
}

/// Has what is on file with it written to, if anything is, and leads to where the code is typed, or to what happens next.
pub(super) async fn name(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    fields: Fields,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let named = fields.get("named").trim();
    let another = open(&console, &link).await?;
    if named.is_empty() || named.len() > LONGEST {
        let page = another.map(|another| form(&link, another, Some("form")));
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
    let next = match another {
        Some(Another::Request) => "asked",
        // A link that leads nowhere is told apart by nothing until the page is looked at.
        Some(Another::Code) | None => "code",
    };
    Ok(see_other(language, &format!("{}/{next}", place(&link))))
}

/// Says what happens next. The same for everybody, whether or not anybody was written to. Changes nothing.
pub(super) async fn asked(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let page = (open(&console, &link).await? == Some(Another::Request))
        .then(|| Page::new("identity-another-asked", context! { link => link.in_path() }));
    let page = page.unwrap_or_else(|| confirm::ended(&link));
    Ok(console.draw(language, page.at(format!("{}/asked", place(&link)))))
}

/// Asks for the code. The same for everybody, whether or not one was sent. Changes nothing.
pub(super) async fn code(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let page = takes_code(&console, &link).await?.then(|| code_form(&link, None));
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
        let page = takes_code(&console, &link).await?.then(|| mistaken("form"));
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

async fn open(console: &Console, link: &Link) -> Result<Option<Another>, Notice> {
    Ok(match &link.0 {
        Some(secret) => console.desk.another(secret).await?,
        None => None,
    })
}

async fn takes_code(console: &Console, link: &Link) -> Result<bool, Notice> {
    Ok(open(console, link).await? == Some(Another::Code))
}

fn place(link: &Link) -> String {
    format!("/identity/{}/another", link.in_path())
}

fn form(link: &Link, another: Another, mistake: Option<&'static str>) -> Page {
    let anew = another == Another::Request;
    Page::new("identity-another", context! { link => link.in_path(), anew, mistake })
}

fn code_form(link: &Link, mistake: Option<&'static str>) -> Page {
    Page::new("identity-another-code", context! { link => link.in_path(), mistake })
}

fn noted(link: &Link) -> Page {
    Page::new("identity-noted", context! { link => link.in_path() })
}
