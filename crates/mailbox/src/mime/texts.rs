//! The text of a mail: which of its parts, in which charset.

use super::{charset, entity::Entity, html};
use crate::Limits;

/// The text of a mail.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// All of it, history included.
    pub(crate) text: String,
    /// Whether a label had to be overruled.
    pub(crate) overruled: bool,
    /// Whether some could not be read.
    pub(crate) lossy: bool,
    /// Whether there is more than was read.
    pub(crate) cut: bool,
    /// The numbers of the parts that are text, shown or offered as a choice.
    pub(crate) parts: Vec<usize>,
}

/// A plain part of fewer characters may say too little.
const LITTLE: usize = 40;

/// A plain part that speaks of HTML, and is shorter than this, says that the mail is to be read in its other form.
const LONGEST_EXCUSE: usize = 300;

/// Puts the text of a mail together. Where no part is shown as text, one that has a name is, as telephones send it.
pub(crate) fn collect(entities: &[Entity<'_>], limits: &Limits) -> Texts {
    let mut texts = Texts::default();
    let is_named = !entities.iter().any(Entity::is_shown_text);
    let is_text = |entity: &Entity<'_>| entity.is_shown_text() || is_named && entity.is_named_text();
    let shown = entities.iter().enumerate().filter(|(_, entity)| is_text(entity));
    let mut done: Vec<usize> = Vec::new();
    for (number, entity) in shown {
        texts.parts.push(number);
        if texts.text.len() >= limits.text_bytes {
            texts.cut = true;
            continue;
        }
        let Some(choice) = entity.choice else {
            let text = texts.read(entity, limits);
            texts.add(&text);
            continue;
        };
        if !done.contains(&choice) {
            done.push(choice);
            let chosen = texts.choose(entities, choice, limits);
            texts.add(&chosen);
        }
    }
    if texts.text.len() > limits.text_bytes {
        texts.text.truncate(texts.text.floor_char_boundary(limits.text_bytes));
        texts.cut = true;
    }
    texts
}

impl Texts {
    fn add(&mut self, text: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// Of the parts that say the same, the plain one, unless it says too little.
    fn choose(&mut self, entities: &[Entity<'_>], choice: usize, limits: &Limits) -> String {
        let offered =
            || entities.iter().filter(|one| one.choice == Some(choice) && one.is_shown_text()).take(20);
        let plain: String = self.all(offered().filter(|one| !one.is_html()), limits);
        let length = plain.trim().chars().count();
        let excuses_itself = length < LONGEST_EXCUSE && plain.to_ascii_lowercase().contains("html");
        if length >= LITTLE && !excuses_itself {
            return plain;
        }
        let html = self.all(offered().filter(|one| one.is_html()), limits);
        let says_more = html.trim().chars().count() > length * 2;
        if says_more || excuses_itself && !html.trim().is_empty() { html } else { plain }
    }

    fn all<'e, 'm: 'e>(&mut self, some: impl Iterator<Item = &'e Entity<'m>>, limits: &Limits) -> String {
        let mut all = String::new();
        for one in some {
            all.push_str(&self.read(one, limits));
            all.push('\n');
        }
        all
    }

    fn read(&mut self, entity: &Entity<'_>, limits: &Limits) -> String {
        // Tags take room that the text does not.
        let bytes = if entity.is_html() { limits.text_bytes.saturating_mul(4) } else { limits.text_bytes };
        self.cut |= entity.exceeds(bytes);
        let content = entity.beginning(bytes);
        let said = entity.charset().or_else(|| entity.is_html().then(|| html_charset(&content)).flatten());
        let decoded = charset::decode(&content, said.as_deref());
        self.overruled |=
            decoded.overruled && said.is_some_and(|said| !said.eq_ignore_ascii_case("us-ascii"));
        self.lossy |= decoded.lossy;
        if entity.is_html() { html::to_text(&decoded.text) } else { decoded.text }
    }
}

/// The charset in a `<meta>`, where the part names none.
fn html_charset(content: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(content.get(..1024).unwrap_or(content)).to_ascii_lowercase();
    let (_, after) = start.split_once("charset=")?;
    let label: String = after
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(40)
        .collect();
    (!label.is_empty()).then_some(label)
}
