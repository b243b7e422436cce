//! From a letter to its words.

use std::collections::BTreeMap;

use habeas_domain::{Language, Letter, Personal, Right};
use minijinja::{Environment, context, value::Value};

use crate::{
    Letterhead, clean, facts,
    templates::{self, Format, PARTS},
};

/// The kind of the answer to a mail that asks for nothing.
const FORM_ADDRESS: &str = "form-address";

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// The letter's kind, for logs and file names: [`Letter::kind`], or `form-address`.
    pub kind: &'static str,
    /// Its language.
    pub language: Language,
    /// The subject line. Holds the request's reference, nothing about the person.
    pub subject: String,
    /// The text part, with lines that end in `\n`.
    pub text: Personal<String>,
    /// The HTML part: one document, with nothing to load from elsewhere.
    pub html: Personal<String>,
}

/// A letter that cannot be written. No retry helps: its content or the programme must change.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template is wrong, or uses a value that the letter does not have.
    #[error("the template of this letter cannot be rendered")]
    Template(#[from] minijinja::Error),
    /// A link leads away from our own pages.
    #[error(
        "a link in this letter does not begin with the base URL of the data subject's pages; check that setting"
    )]
    ForeignLink,
    /// The letter lacks something that its outcome calls for.
    #[error("this letter needs its {0}, and has none")]
    Missing(&'static str),
    /// A right for which nobody has written words.
    #[error("there are no words yet for the right {0}")]
    NoWording(Right),
}

/// Writes letters. Made once at start, so that a broken template stops the start and not a letter.
#[derive(Debug)]
pub struct Renderer {
    environment: Environment<'static>,
}

impl Renderer {
    /// Compiles all templates.
    pub fn new() -> Result<Self, RenderError> {
        Ok(Self { environment: templates::environment()? })
    }

    /// Writes one letter: the same words each time for the same content.
    pub fn render(&self, letter: &Letter, head: &Letterhead) -> Result<RenderedMail, RenderError> {
        let shown = facts::of_letter(letter, head)?;
        self.write(letter.kind(), facts::template(letter)?, shown, head)
    }

    /// Writes the answer to a mail that asks for nothing: where the form is. It is about no request, so that reference,
    /// name and law of the letterhead stand nowhere in it.
    pub fn render_form_address(&self, form: &str, head: &Letterhead) -> Result<RenderedMail, RenderError> {
        let shown = context! { url => facts::foreign_link(form)? };
        let nobody = Letterhead { person_name: Personal::new(None), ..head.clone() };
        self.write(FORM_ADDRESS, FORM_ADDRESS, shown, &nobody)
    }

    fn write(
        &self,
        kind: &'static str,
        template: &str,
        shown: Value,
        head: &Letterhead,
    ) -> Result<RenderedMail, RenderError> {
        let shown = context! { ..shown, ..facts::of_head(head)? };
        let (subject, text) = self.fill(template, Format::Text, head.language, shown.clone())?;
        let (_, html) = self.fill(template, Format::Html, head.language, shown)?;
        Ok(RenderedMail {
            kind,
            language: head.language,
            subject: clean::line(&subject),
            text: Personal::new(spaced(&text)),
            html: Personal::new(without_empty_lines(&html)),
        })
    }

    /// The subject, and one part.
    fn fill(
        &self,
        template: &str,
        format: Format,
        language: Language,
        shown: Value,
    ) -> Result<(String, String), RenderError> {
        let part: BTreeMap<_, _> =
            PARTS.iter().map(|part| (*part, templates::name(language, part, format))).collect();
        let frame = templates::name(language, "frame", format);
        let all = context! { layout => format.layout(), frame, part, ..shown };
        let name = templates::name(language, template, format);
        let mut captured = self.environment.get_template(&name)?.render_captured(all)?;
        let subject = captured.with_state_mut(|state| state.render_block("subject"))?;
        Ok((subject, captured.output().to_owned()))
    }
}

/// The text part with at most one empty line in a row, none at the start, and one line end at the end.
fn spaced(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}

fn without_empty_lines(html: &str) -> String {
    let lines: Vec<&str> = html.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines.join("\n") + "\n"
}
