use axum::{Extension, extract::State, http::StatusCode, response::Response};
use habeas_domain::{Language, Right, wording};
use minijinja::context;

use super::see_other::see_other;
use crate::{Offer, link::Link, notice::Notice, pages::Page, size, state::Console, steady::steadily};

/// Says that a package waits, and until when. Changes nothing.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    let found = match &link.0 {
        Some(secret) => console.desk.look_at_package(secret).await?,
        None => None,
    };
    let page = found.map_or_else(|| ended(&link), |offer| waiting(&console, &offer, &link, language));
    Ok(console.draw(language, page.at(format!("/package/{}", link.in_path()))))
}

/// Has a new link mailed, if the package is still there.
pub(super) async fn renew(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let renewed = steadily(console.settings.answer_step, async {
        match &link.0 {
            Some(secret) => console.desk.renew_package(secret).await,
            None => Ok(()),
        }
    });
    renewed.await?;
    Ok(see_other(language, &format!("/package/{}/renewed", link.in_path())))
}

/// What is said after a renewal was asked for, whatever came of it.
pub(super) async fn renewed(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
) -> Response {
    let place = format!("/package/{}/renewed", link.in_path());
    console.draw(language, Page::new("package-renewed", context! {}).at(place))
}

/// The same for a link that is over, used up, mangled or made up.
pub(super) fn ended(link: &Link) -> Page {
    Page::new("package-ended", context! { link => link.in_path() }).with(StatusCode::NOT_FOUND)
}

fn waiting(console: &Console, offer: &Offer, link: &Link, language: Language) -> Page {
    Page::new("package", context! { link => link.in_path(), ..facts(console, offer, language) })
}

/// What is said about a package on every page.
pub(super) fn facts(console: &Console, offer: &Offer, language: Language) -> minijinja::Value {
    context! {
        takes_away => offer.right == Right::Portability,
        reference => offer.reference.as_str(),
        size => size::size(offer.bytes),
        expires_at => wording::moment(offer.expires_at, console.settings.time_zone, language),
        left => offer.downloads_left,
    }
}
