use axum::response::{IntoResponse as _, Redirect, Response};
use habeas_domain::Language;

/// Sends the browser on to a page that can be reloaded.
pub(super) fn see_other(language: Language, place: &str) -> Response {
    Redirect::to(&format!("/{language}{place}")).into_response()
}
