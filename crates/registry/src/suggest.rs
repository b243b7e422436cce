//! "Did you mean ...?"

use habeas_domain::suggest::closest;

/// A fix that names the closest option, or else all of them.
pub(crate) fn did_you_mean(word: &str, options: &[&str]) -> String {
    closest(word, options.iter().copied()).map_or_else(
        || format!("use one of: {}", options.join(", ")),
        |option| format!("did you mean `{option}`?"),
    )
}

/// A fix that names the closest option, or else gives other advice.
pub(crate) fn or_else<'a>(word: &str, options: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    closest(word, options).map_or_else(|| otherwise.to_owned(), |option| format!("did you mean `{option}`?"))
}
