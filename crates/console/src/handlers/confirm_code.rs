use axum::{Extension, extract::State, http::StatusCode, response::Response};
use habeas_domain::{Fault, Language};
use minijinja::context;

use super::{confirm, see_other::see_other};
use crate::{
    TypedCode, form::Fields, link::Link, notice::Notice, pages::Page, state::Console, steady::steadily,
};

/// Shows where to type the code. Knows nothing of the link, so it looks the same for every one.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Response {
    console.draw(language, page(&console, &link, None))
}

/// Tries a code.
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
    let done = steadily(console.settings.answer_step, async {
        let Some(secret) = &link.0 else { return Ok(None) };
        let tried = console.desk.try_code(secret, &code).await?;
        if tried.is_some() {
            return Ok(tried);
        }
        // Typed again, perhaps because the first answer was lost on its way.
        let found = console.desk.look(secret).await?;
        Ok::<_, Fault>(found.filter(|found| found.already.is_some()))
    });
    let page = match done.await? {
        Some(done) if done.more && !done.child => return Ok(confirm::second_step(&link, language)),
        Some(done) => confirm::thanks(&console, &done, &link, language),
        None => page(&console, &link, Some("wrong")).with(StatusCode::UNPROCESSABLE_ENTITY),
    };
    Ok(console.draw(language, page))
}

/// Has a new link and code mailed, if there is somebody to mail them to.
pub(super) async fn send(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let sent = steadily(console.settings.answer_step, async {
        match &link.0 {
            Some(secret) => console.desk.send_new_code(secret).await,
            None => Ok(()),
        }
    });
    sent.await?;
    Ok(see_other(language, &format!("/confirm/{}/code", link.in_path())))
}

fn page(console: &Console, link: &Link, mistake: Option<&'static str>) -> Page {
    Page::new(
        "code",
        context! { link => link.in_path(), mistake, minutes => console.settings.code_life.as_secs() / 60 },
    )
    .at(format!("/confirm/{}/code", link.in_path()))
}
