//! One file per page.

mod another;
mod confirm;
mod confirm_code;
mod download;
mod home;
mod identity;
mod package;
mod package_code;
mod paper;
mod see_other;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{notice::Notice, state::Console};

/// The pages of one language.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/", get(home::show))
        .route("/confirm/{link}", get(confirm::show).post(confirm::confirm))
        .route("/agent/{link}", get(confirm::show).post(confirm::confirm))
        .route("/confirm/{link}/code", get(confirm_code::show).post(confirm_code::try_it))
        .route("/confirm/{link}/new-code", post(confirm_code::send))
        .route("/identity/{link}", get(identity::show))
        .route("/identity/{link}/another", get(another::show).post(another::name))
        .route("/identity/{link}/another/asked", get(another::asked))
        .route("/identity/{link}/another/code", get(another::code).post(another::try_it))
        .route("/identity/{link}/{way}", get(identity::way).post(identity::hand_in))
        .route("/identity/{link}/{way}/begin", post(identity::begin))
        .route("/package/{link}", get(package::show))
        .route("/package/{link}/code", get(package_code::show).post(package_code::try_it))
        .route("/package/{link}/new-code", post(package_code::send))
        .route("/package/{link}/download", post(download::start))
        .route("/package/{link}/renew", post(package::renew))
        .route("/package/{link}/renewed", get(package::renewed))
        .fallback(async || Notice::NotFound)
        .method_not_allowed_fallback(async || Notice::WrongMethod)
}

/// The one page that takes a file, with its own limits.
pub(crate) fn uploads() -> Router<Console> {
    Router::new()
        .route("/paper/{link}", get(paper::show).post(paper::hand_in))
        .method_not_allowed_fallback(async || Notice::WrongMethod)
}
