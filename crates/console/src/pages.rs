//! Drawing pages.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
};
use habeas_domain::Language;
use minijinja::{Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Value};

use crate::{ConsoleError, ConsoleOptions, notice::Notice, stylesheet};

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../templates/", $name)))),*]
    };
}

/// Every template.
const TEMPLATES: [(&str, &str); 79] = templates![
    "frame.html",
    "en/address-confirmed.html",
    "en/already.html",
    "en/agent.html",
    "en/agent-confirmed.html",
    "en/agent-end.html",
    "en/agent-ended.html",
    "en/code.html",
    "en/confirm-address.html",
    "en/confirm-child.html",
    "en/confirm-guardian.html",
    "en/confirm.html",
    "en/confirmed.html",
    "en/confirmed-child.html",
    "en/confirmed-guardian.html",
    "en/frame.html",
    "en/home.html",
    "en/identity.html",
    "en/identity-another.html",
    "en/identity-another-asked.html",
    "en/identity-another-code.html",
    "en/identity-by-staff.html",
    "en/identity-code.html",
    "en/identity-declaration.html",
    "en/identity-noted.html",
    "en/identity-questions.html",
    "en/identity-sign-in.html",
    "en/link-ended.html",
    "en/notice.html",
    "en/package-code.html",
    "en/package-ended.html",
    "en/package-open.html",
    "en/package-renewed.html",
    "en/package.html",
    "en/paper.html",
    "en/paper-given.html",
    "en/paper-taken.html",
    "en/stop.html",
    "en/stop-too-late.html",
    "en/stopped.html",
    "ja/address-confirmed.html",
    "ja/already.html",
    "ja/agent.html",
    "ja/agent-confirmed.html",
    "ja/agent-end.html",
    "ja/agent-ended.html",
    "ja/code.html",
    "ja/confirm-address.html",
    "ja/confirm-child.html",
    "ja/confirm-guardian.html",
    "ja/confirm.html",
    "ja/confirmed.html",
    "ja/confirmed-child.html",
    "ja/confirmed-guardian.html",
    "ja/frame.html",
    "ja/home.html",
    "ja/identity.html",
    "ja/identity-another.html",
    "ja/identity-another-asked.html",
    "ja/identity-another-code.html",
    "ja/identity-by-staff.html",
    "ja/identity-code.html",
    "ja/identity-declaration.html",
    "ja/identity-noted.html",
    "ja/identity-questions.html",
    "ja/identity-sign-in.html",
    "ja/link-ended.html",
    "ja/notice.html",
    "ja/package-code.html",
    "ja/package-ended.html",
    "ja/package-open.html",
    "ja/package-renewed.html",
    "ja/package.html",
    "ja/paper.html",
    "ja/paper-given.html",
    "ja/paper-taken.html",
    "ja/stop.html",
    "ja/stop-too-late.html",
    "ja/stopped.html",
];

/// A page before it is drawn.
pub(crate) struct Page {
    /// The template's name, without language and ending.
    pub(crate) template: &'static str,
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// Where the same page lies, without the language; nothing if it cannot be asked for again. Made of our own words
    /// and well-formed secrets, so it is not escaped.
    pub(crate) place: Option<String>,
    /// What it shows.
    pub(crate) facts: Value,
}

impl Page {
    /// A page that answers with 200.
    pub(crate) fn new(template: &'static str, facts: Value) -> Self {
        Self { template, status: StatusCode::OK, place: None, facts }
    }

    /// Says where the same page lies, so that it can offer the other language.
    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        Self { place: Some(place.into()), ..self }
    }

    /// Answers with another status.
    pub(crate) fn with(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

/// The templates and what all pages show.
pub(crate) struct Pages {
    templates: Environment<'static>,
    options: ConsoleOptions,
}

impl Pages {
    pub(crate) fn new(options: ConsoleOptions) -> Result<Self, ConsoleError> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        for (name, text) in TEMPLATES {
            templates.add_template(name, text)?;
        }
        Ok(Self { templates, options })
    }

    /// Draws a page. One that cannot be drawn becomes a plain answer, and is logged.
    pub(crate) fn draw(&self, language: Language, page: Page) -> Response {
        let status = page.status;
        match self.text(language, page) {
            Ok(text) => (status, Html(text)).into_response(),
            Err(error) => {
                tracing::error!(template = error.name(), line = error.line(), "a page could not be drawn");
                Notice::Broken.status().into_response()
            }
        }
    }

    fn text(&self, language: Language, page: Page) -> Result<String, minijinja::Error> {
        let other = match language {
            Language::En => Language::Ja,
            Language::Ja => Language::En,
        };
        let common = context! {
            language => language.as_str(),
            other => other.as_str(),
            switch => page.place.map(|place| Value::from_safe_string(format!("/{other}{place}"))),
            stylesheet => Value::from_safe_string(stylesheet::PATH.clone()),
            controller => self.options.controller.as_ref().map(|name| name.get(language)),
            contact => self.options.contact.as_str(),
        };
        let template = self.templates.get_template(&format!("{language}/{}.html", page.template))?;
        template.render(context! { ..page.facts, ..common })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_every_page() {
        for (name, _) in TEMPLATES.iter().filter(|(name, _)| name.starts_with("en/")) {
            let other = name.replacen("en/", "ja/", 1);
            assert!(TEMPLATES.iter().any(|(name, _)| *name == other), "{other}");
        }
    }
}
