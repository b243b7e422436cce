//! The templates, embedded in the binary, each known once for the text part and once for the HTML part.

use habeas_domain::Language;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, syntax::SyntaxConfig};

use crate::filters;

/// The pieces of letters that other templates include.
pub(crate) const PARTS: [&str; 9] =
    ["package", "kept", "undone", "unmet", "uncounted", "referrals", "receipt", "fair", "disagree"];

/// Which part of a mail a template is rendered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `text/plain`.
    Text,
    /// `text/html`.
    Html,
}

impl Format {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Text, Self::Html];

    const fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Html => "html",
        }
    }

    /// The template around the letters of every language.
    pub(crate) const fn layout(self) -> &'static str {
        match self {
            Self::Text => "frame/layout.txt",
            Self::Html => "frame/layout.html",
        }
    }
}

/// The name under which a template is known.
pub(crate) fn name(language: Language, template: &str, format: Format) -> String {
    format!("{language}/{template}.{}", format.extension())
}

macro_rules! embedded {
    ($($template:literal),* $(,)?) => {
        /// Every template of a language: its name, the English source, the Japanese source.
        const EMBEDDED: &[(&str, &str, &str)] = &[$((
            $template,
            include_str!(concat!("../templates/en/", $template, ".j2")),
            include_str!(concat!("../templates/ja/", $template, ".j2")),
        )),*];
    };
}

embedded![
    "frame",
    "received",
    "verify",
    "verify-for-agent",
    "verify-child",
    "verify-guardian",
    "verify-agent",
    "confirm-new-address",
    "deletion-notice",
    "correction-notice",
    "copy-notice",
    "controller-notice",
    "paper-wanted",
    "download-code",
    "package-renewed",
    "agent-result",
    "agent-download-code",
    "agent-lapsed",
    "done-access",
    "done-deletion",
    "done-correction",
    "done-portability",
    "partly-done",
    "nothing-held",
    "refused",
    "withdrawn",
    "disowned",
    "referred",
    "delayed",
    "rest-deleted",
    "due-date-changed",
    "lapsed",
    "new-address-lapsed",
    "on-file-code",
    "address-kept",
    "form-address",
    "package",
    "kept",
    "undone",
    "unmet",
    "uncounted",
    "referrals",
    "receipt",
    "fair",
    "disagree",
];

const FRAMES: [(&str, &str); 4] = [
    ("frame/layout.txt", include_str!("../templates/frame/layout.txt")),
    ("frame/layout.html", include_str!("../templates/frame/layout.html")),
    ("frame/kit.txt", include_str!("../templates/frame/kit.txt")),
    ("frame/kit.html", include_str!("../templates/frame/kit.html")),
];

/// All templates, compiled. A value that a template uses and nobody gave is an error, never an empty place in a letter.
pub(crate) fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Errors would otherwise carry the values that were being rendered.
    environment.set_debug(false);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_auto_escape_callback(escaping);
    filters::add_to(&mut environment);
    for (name, source) in FRAMES {
        environment.add_template(name, source)?;
    }
    for (template, english, japanese) in EMBEDDED {
        for format in Format::ALL {
            environment.add_template_owned(name(Language::En, template, format), *english)?;
            environment.add_template_owned(name(Language::Ja, template, format), *japanese)?;
        }
    }
    Ok(environment)
}

fn escaping(template: &str) -> AutoEscape {
    match template.rsplit_once('.') {
        Some((_, "txt")) => AutoEscape::None,
        _ => AutoEscape::Html,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_compiles() {
        assert_eq!(environment().unwrap().templates().count(), FRAMES.len() + EMBEDDED.len() * 4);
    }

    #[test]
    fn every_part_exists() {
        for part in PARTS {
            assert!(EMBEDDED.iter().any(|(template, ..)| *template == part), "{part}");
        }
    }
}
