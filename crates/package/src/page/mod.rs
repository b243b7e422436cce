//! The pages for people: templates that escape everything, with words that live in `translations/`.

mod contents;
mod tongue;
mod words;

use std::{io::Write, sync::LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use minijinja::{
    Environment, UndefinedBehavior, Value, context,
    syntax::SyntaxConfig,
    value::{Kwargs, Serde},
};
use sha2::{Digest, Sha256};

pub(crate) use contents::Contents;
pub use words::category_title;
pub(crate) use words::label;

use crate::{PackageError, preview::PREVIEW_ROWS};

/// The pages of a package, in the order in which they are written.
pub(crate) const NAMES: [&str; 3] = ["index.html", "withheld.html", README];
const README: &str = "README.txt";

const STYLE: &str = include_str!("../../templates/style.css");
const TEMPLATES: [(&str, &str); 5] = [
    ("page.html", include_str!("../../templates/page.html")),
    ("collection.html", include_str!("../../templates/collection.html")),
    ("index.html", include_str!("../../templates/index.html")),
    ("withheld.html", include_str!("../../templates/withheld.html")),
    (README, include_str!("../../templates/README.txt")),
];

/// What is wrong with the pages that this crate ships.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A file of `translations/` cannot be read.
    #[error("the words of the pages are malformed")]
    Words(#[source] toml::de::Error),
    /// A file of `templates/` cannot be compiled.
    #[error("a template is malformed")]
    Template(#[source] minijinja::Error),
}

/// The compiled pages.
pub(crate) struct Pages {
    environment: Environment<'static>,
    style: Style,
}

struct Style {
    text: String,
    /// For the page's own content security policy: this style and nothing else.
    hash: String,
}

static PAGES: LazyLock<Result<Pages, PageError>> = LazyLock::new(Pages::load);

/// The pages, compiled once.
pub(crate) fn pages() -> Result<&'static Pages, PackageError> {
    PAGES.as_ref().map_err(PackageError::Page)
}

impl Pages {
    fn load() -> Result<Self, PageError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // With it on, an error's `Debug` would show the values that a page was made of.
        environment.set_debug(false);
        environment.set_syntax(syntax().map_err(PageError::Template)?);
        let words = words::load()?;
        environment.add_function("t", move |language: String, key: String, names: Kwargs| {
            words.say(&language, &key, &names)
        });
        environment.add_filter("grouped", tongue::grouped);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source).map_err(PageError::Template)?;
        }
        let text = format!("\n{STYLE}");
        let hash = format!("sha256-{}", STANDARD.encode(Sha256::digest(&text)));
        Ok(Self { environment, style: Style { text, hash } })
    }

    /// Renders the page of that name.
    pub(crate) fn render(
        &self,
        name: &str,
        contents: &Contents<'_>,
        out: &mut dyn Write,
    ) -> Result<(), PackageError> {
        let context = context! {
            style => Value::from_safe_string(self.style.text.clone()),
            style_hash => Value::from_safe_string(self.style.hash.clone()),
            preview_rows => PREVIEW_ROWS,
            ..Value::from(Serde(contents))
        };
        let template = self.environment.get_template(name).map_err(PackageError::Render)?;
        if name == README {
            let text = template.render(context).map_err(PackageError::Render)?;
            return Ok(out.write_all(plain_text(&text).as_bytes())?);
        }
        template.render_captured_to(context, out).map(drop).map_err(PackageError::Render)
    }
}

/// Lines that hold nothing but a block leave nothing behind.
fn syntax() -> Result<SyntaxConfig, minijinja::Error> {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
}

/// Text as the plainest editors of Windows show it rightly: a byte order mark, and CRLF.
fn plain_text(text: &str) -> String {
    format!("\u{feff}{}", text.replace('\n', "\r\n"))
}
