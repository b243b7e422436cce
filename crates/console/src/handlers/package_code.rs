use axum::{Extension, extract::State, http::StatusCode, response::Response};
use habeas_domain::Language;
use minijinja::context;

use super::{package, see_other::see_other};
use crate::{
    Granted, LinkSecret, TypedCode, form::Fields, link::Link, notice::Notice, pages::Page, state::Console,
    steady::steadily,
};

/// Shows where to type the code. Knows nothing of the link, so it looks the same for every one.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Response {
    console.draw(language, page(&console, &link, None))
}

/// Has a code mailed, if there is a package to open with it.
pub(super) async fn send(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let sent = steadily(console.settings.answer_step, async {
        match &link.0 {
            Some(secret) => console.desk.send_download_code(secret).await,
            None => Ok(()),
        }
    });
    sent.await?;
    Ok(see_other(language, &format!("/package/{}/code", link.in_path())))
}

/// Tries a code. The right one opens the page with the download.
pub(super) async fn try_it(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    fields: Fields,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let Some(code) = TypedCode::parse(fields.get("code")) else {
        return Ok(console
            .draw(language, page(&console, &link, Some("form")).with(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let granted = steadily(console.settings.answer_step, async {
        match &link.0 {
            Some(secret) => console.desk.try_download_code(secret, &code).await,
            None => Ok(None),
        }
    });
    let page = match (granted.await?, &link.0) {
        (Some(granted), Some(secret)) => open(&console, &granted, secret, language),
        _ => page(&console, &link, Some("wrong")).with(StatusCode::UNPROCESSABLE_ENTITY),
    };
    Ok(console.draw(language, page))
}

fn open(console: &Console, granted: &Granted, link: &LinkSecret, language: Language) -> Page {
    let facts = context! {
        link => link.expose(),
        grant => granted.grant.expose(),
        minutes => console.settings.grant_life.as_secs() / 60,
        ..package::facts(console, &granted.offer, language)
    };
    Page::new("package-open", facts)
}

/// The page to type the code on. `mistake` is `form` for what is no code, `wrong` for one that does not open, and
/// `late` for a grant that is used or over.
pub(super) fn page(console: &Console, link: &Link, mistake: Option<&'static str>) -> Page {
    let place = format!("/package/{}/code", link.in_path());
    Page::new(
        "package-code",
        context! { link => link.in_path(), mistake, minutes => console.settings.code_life.as_secs() / 60 },
    )
    .at(place)
}
