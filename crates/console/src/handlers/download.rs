use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use habeas_domain::Language;

use super::package_code;
use crate::{GrantText, PackageStream, Redeemed, form::Fields, link::Link, notice::Notice, state::Console};

/// Streams the package. Every start uses up the grant and one download.
pub(super) async fn start(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
    link: Link,
    fields: Fields,
) -> Result<Response, Notice> {
    console.count(&link)?;
    let redeemed = match &link.0 {
        Some(secret) => console.desk.redeem(secret, &GrantText::new(fields.get("grant"))).await?,
        None => None,
    };
    let Some(redeemed) = redeemed else {
        let page = package_code::page(&console, &link, Some("late")).with(StatusCode::FORBIDDEN);
        return Ok(console.draw(language, page));
    };
    Ok(stream(&redeemed, console.packages.open(redeemed.package).await?))
}

/// With its length, so that a browser notices a download that was broken off.
fn stream(redeemed: &Redeemed, bytes: PackageStream) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_LENGTH, HeaderValue::from(redeemed.bytes)),
        (header::CONTENT_DISPOSITION, disposition(redeemed)),
    ];
    (headers, Body::from_stream(bytes)).into_response()
}

/// References hold letters, digits and hyphens only; anything else is left out.
fn disposition(redeemed: &Redeemed) -> HeaderValue {
    let plain: String = redeemed
        .reference
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect();
    let text = format!("attachment; filename=\"habeas-{plain}-{}.zip\"", redeemed.right.as_str());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment; filename=\"habeas.zip\""))
}
