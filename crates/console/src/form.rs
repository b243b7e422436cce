//! The fields of a form.

use axum::{
    Form,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::IntoResponse as _,
};

use crate::{notice::Notice, state::Console};

/// The fields of a posted form. A missing field is an empty one.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Every field of that name, in the order of the form.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The first field of that name.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }
}

impl FromRequest<Console> for Fields {
    type Rejection = Notice;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Notice> {
        let form = Form::<Vec<(String, String)>>::from_request(request, console).await;
        form.map(|Form(fields)| Self(fields)).map_err(|refused| match refused.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Notice::TooLarge,
            _ => Notice::NotReadable,
        })
    }
}
