//! The one stylesheet, under an address that changes with its content.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use sha2::{Digest as _, Sha256};

const TEXT: &str = include_str!("../assets/console.css");

/// Where the stylesheet lies.
pub(crate) static PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = hex::encode(Sha256::digest(TEXT));
    format!("/assets/console-{}.css", hash.get(..12).unwrap_or(&hash))
});

/// The stylesheet. Its address changes when it does, so browsers may keep it.
pub(crate) async fn serve() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, TEXT).into_response()
}
