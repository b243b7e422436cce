use axum::{Extension, extract::State, response::Response};
use habeas_domain::Language;
use minijinja::context;

use crate::{pages::Page, state::Console};

/// Where a person lands who cuts a link short.
pub(super) async fn show(
    State(console): State<Console>,
    Extension(language): Extension<Language>,
) -> Response {
    console.draw(language, Page::new("home", context! {}).at(""))
}
