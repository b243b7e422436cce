//! The words of the pages, in both languages.

use std::{collections::BTreeMap, sync::LazyLock};

use habeas_domain::{Bilingual, Category, Language};
use minijinja::{Error, ErrorKind, Value, value::Kwargs};

use super::PageError;

const WORDS: &str = include_str!("../../translations/words.toml");
const CATEGORIES: &str = include_str!("../../translations/categories.toml");

static LABELS: LazyLock<Result<BTreeMap<String, Bilingual>, toml::de::Error>> =
    LazyLock::new(|| toml::from_str(CATEGORIES));

/// Texts by key.
pub(super) struct Words(BTreeMap<String, Bilingual>);

pub(super) fn load() -> Result<Words, PageError> {
    if let Err(error) = LABELS.as_ref() {
        return Err(PageError::Words(error.clone()));
    }
    toml::from_str(WORDS).map(Words).map_err(PageError::Words)
}

impl Words {
    /// The text of `key` with its `{names}` filled in. Every name must be given, and no other.
    pub(super) fn say(&self, language: &str, key: &str, names: &Kwargs) -> Result<String, Error> {
        let language: Language = language.parse().map_err(|_| wrong(format!("no language {language}")))?;
        let text = self.0.get(key).ok_or_else(|| wrong(format!("no text {key}")))?.get(language);
        let filled = fill(text, |name| names.get::<Value>(name).map(|value| value.to_string()))?;
        names.assert_all_used()?;
        Ok(filled)
    }
}

fn fill(text: &str, value: impl Fn(&str) -> Result<String, Error>) -> Result<String, Error> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').ok_or_else(|| wrong("a brace is not closed".to_owned()))?;
        filled.push_str(before);
        filled.push_str(&value(name)?);
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn wrong(what: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}

/// What people call the category: its own label or that of the nearest one above it.
pub(crate) fn label(category: &Category) -> Option<&'static Bilingual> {
    let labels = LABELS.as_ref().ok()?;
    let mut name = category.as_str();
    loop {
        match (labels.get(name), name.rsplit_once('.')) {
            (Some(label), _) => return Some(label),
            (None, Some((above, _))) => name = above,
            (None, None) => return None,
        }
    }
}

/// What people call exactly this category: its own label, or that of the nearest one above it with its name.
pub fn category_title(category: &Category) -> Bilingual {
    let name = category.as_str();
    let own = LABELS.as_ref().ok().and_then(|labels| labels.get(name));
    match (own, label(category)) {
        (Some(own), _) => own.clone(),
        (None, Some(above)) => {
            Bilingual { en: format!("{} ({name})", above.en), ja: format!("{}（{name}）", above.ja) }
        }
        (None, None) => Bilingual { en: name.to_owned(), ja: name.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_both_languages() {
        let Words(words) = load().unwrap();
        let labels = LABELS.as_ref().unwrap();
        for (key, text) in words.iter().chain(labels) {
            assert!(!text.en.is_empty() && text.en.is_ascii(), "{key}");
            assert!(!text.ja.is_empty() && text.ja != text.en, "{key}");
            let names = |text: &str| text.matches('{').count();
            assert_eq!(names(&text.en), names(&text.ja), "{key}");
        }
    }

    #[test]
    fn a_category_is_called_as_the_nearest_above_it() {
        let english = |name: &str| label(&Category::new(name).unwrap()).map(|label| label.en.as_str());
        assert_eq!(english("user.contact.email"), Some("Email address"));
        assert_eq!(english("user.contact.email.work"), Some("Email address"));
        assert_eq!(english("company.secret"), None);
        let title = |name: &str| category_title(&Category::new(name).unwrap()).en;
        assert_eq!(title("user.contact.email"), "Email address");
        assert_eq!(title("user.contact.email.work"), "Email address (user.contact.email.work)");
        assert_eq!(title("company.secret"), "company.secret");
    }

    #[test]
    fn names_must_match() {
        let words = load().unwrap();
        let none = || Kwargs::from_iter(Vec::<(String, Value)>::new());
        let rows = || Kwargs::from_iter([("rows".to_owned(), Value::from(3))]);
        assert_eq!(words.say("ja", "rows", &rows()).unwrap(), "3件");
        assert!(words.say("ja", "rows", &none()).is_err());
        assert!(words.say("ja", "care", &rows()).is_err());
        assert!(words.say("fr", "care", &none()).is_err());
        assert!(words.say("en", "nonsense", &none()).is_err());
    }
}
