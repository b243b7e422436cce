use axum::{
    Extension,
    extract::{FromRequest, Multipart, Request, State, multipart::MultipartError},
    http::StatusCode,
    response::Response,
};
use habeas_domain::{Language, Personal, paper::UploadRefused, wording};
use minijinja::context;

use super::confirm;
use crate::{
    HandedPaper, WantedPaper, link::Link, notice::Notice, pages::Page, state::Console, steady::steadily,
};

/// The form's one field.
const FIELD: &str = "paper";

/// Shows what a link takes. Changes nothing.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let page = match wanted(&console, &link).await? {
        Some(there) if there.given_at.is_some() => given(&console, &there, language).at(place(&link)),
        Some(wanted) => form(&console, &wanted, &link, (language, None)),
        None => confirm::ended(&link).at(place(&link)),
    };
    Ok(console.draw(language, page))
}

/// Takes a file. Nothing of the body is read unless the link takes one.
pub(super) async fn hand_in(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    request: Request,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let found = steadily(console.settings.answer_step, wanted(&console, &link));
    let (Some(wanted), Some(secret)) = (found.await?, &link.0) else {
        return Ok(console.draw(language, confirm::ended(&link)));
    };
    if wanted.given_at.is_some() {
        return Ok(console.draw(language, given(&console, &wanted, language)));
    }
    let taken = match file(request, &console).await? {
        Ok(content) => console.desk.hand_in_paper(secret, content).await?,
        Err(refused) => HandedPaper::Refused(refused),
    };
    let page = match taken {
        HandedPaper::Taken => Page::new("paper-taken", context! { reference => wanted.reference.as_str() }),
        HandedPaper::Refused(refused) => {
            form(&console, &wanted, &link, (language, Some(refused))).with(StatusCode::UNPROCESSABLE_ENTITY)
        }
        HandedPaper::NotOpen => over(&console, &link, language).await?,
    };
    Ok(console.draw(language, page))
}

/// What stands behind a link that took nothing after all: the paper, if another press of the button was faster.
async fn over(console: &Console, link: &Link, language: Language) -> Result<Page, Notice> {
    let there = wanted(console, link).await?.filter(|there| there.given_at.is_some());
    Ok(there.map_or_else(|| confirm::ended(link), |there| given(console, &there, language)))
}

/// That it is there already. Its sender may have lost our first answer on its way.
fn given(console: &Console, there: &WantedPaper, language: Language) -> Page {
    let day = there.given_at.map(|at| wording::day_of(at, console.settings.time_zone, language));
    Page::new("paper-given", context! { day, reference => there.reference.as_str() })
}

async fn wanted(console: &Console, link: &Link) -> Result<Option<WantedPaper>, Notice> {
    match &link.0 {
        Some(secret) => Ok(console.desk.wanted_paper(secret).await?),
        None => Ok(None),
    }
}

fn place(link: &Link) -> String {
    format!("/paper/{}", link.in_path())
}

fn form(
    console: &Console,
    wanted: &WantedPaper,
    link: &Link,
    (language, mistake): (Language, Option<UploadRefused>),
) -> Page {
    let facts = context! {
        link => link.in_path(),
        reference => wanted.reference.as_str(),
        kind => wanted.kind.as_str(),
        until => wording::moment(wanted.until, console.settings.time_zone, language),
        mistake => mistake.map(UploadRefused::code),
    };
    Page::new("paper", facts).at(place(link))
}

/// The file of the form. Its name and its stated type are not looked at.
async fn file(
    request: Request,
    console: &Console,
) -> Result<Result<Personal<Vec<u8>>, UploadRefused>, Notice> {
    let mut form = Multipart::from_request(request, console).await.map_err(|_| Notice::NotReadable)?;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(Err(UploadRefused::Empty)),
            Err(error) => return unreadable(&error),
        };
        if field.name() != Some(FIELD) {
            continue;
        }
        return match field.bytes().await {
            Ok(content) => Ok(Ok(Personal::new(content.into()))),
            Err(error) => unreadable(&error),
        };
    }
}

fn unreadable<T>(error: &MultipartError) -> Result<Result<T, UploadRefused>, Notice> {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Ok(Err(UploadRefused::TooLarge)),
        _ => Err(Notice::NotReadable),
    }
}
