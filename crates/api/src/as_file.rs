use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use habeas_domain::Personal;

/// Something that somebody sent, to be saved under `disposition` and never to be shown by a browser: it may be harmful.
pub(crate) fn as_file(content: Personal<Vec<u8>>, disposition: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, Personal::into_inner(content)).into_response()
}
