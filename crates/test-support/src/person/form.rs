//! Forms in server-rendered pages, found by scanning the text.

use anyhow::{Result, bail};

/// A form that is sent by POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent, as written in the page; empty for the page itself.
    pub action: String,
    /// Names and preset values of its fields, in order. A named submit button counts as a field.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The fields to send: the preset values, with these put in their place.
    pub fn filled_in(&self, values: &[(&str, &str)]) -> Result<Vec<(String, String)>> {
        let mut fields = self.fields.clone();
        for &(name, value) in values {
            let Some(field) = fields.iter_mut().find(|field| field.0 == name) else {
                bail!("the form has no field {name:?}, only {:?}", self.fields)
            };
            value.clone_into(&mut field.1);
        }
        Ok(fields)
    }
}

/// The forms of a page whose method is POST.
pub(super) fn posted_forms(page: &str) -> Vec<Form> {
    elements(page, "form").filter_map(|(tag, inside)| posted_form(tag, inside)).collect()
}

fn posted_form(tag: &str, after: &str) -> Option<Form> {
    if !attribute(tag, "method")?.eq_ignore_ascii_case("post") {
        return None;
    }
    let inside = after.split("</form").next().unwrap_or(after);
    let mut fields = Vec::new();
    let mut rest = inside;
    while let Some((tag, after)) = next_tag(rest) {
        rest = after;
        fields.extend(field(tag, after));
    }
    Some(Form { action: attribute(tag, "action").unwrap_or_default(), fields })
}

/// The name and preset value of a field's tag.
fn field(tag: &str, after: &str) -> Option<(String, String)> {
    let element = tag.split_whitespace().next()?.to_ascii_lowercase();
    let kind = attribute(tag, "type").unwrap_or_default().to_ascii_lowercase();
    let name = attribute(tag, "name")?;
    let preset = attribute(tag, "value").unwrap_or_default();
    match element.as_str() {
        "input" if matches!(kind.as_str(), "radio" | "checkbox") => {
            has_attribute(tag, "checked").then_some((name, preset))
        }
        "input" | "button" => Some((name, preset)),
        "textarea" => Some((name, unescape(after.split("</textarea").next().unwrap_or_default()))),
        "select" => Some((name, chosen(after.split("</select").next().unwrap_or_default()))),
        _ => None,
    }
}

/// The value of the selected option, or of the first.
fn chosen(options: &str) -> String {
    let all: Vec<&str> = elements(options, "option").map(|(tag, _)| tag).collect();
    let selected = all.iter().find(|tag| has_attribute(tag, "selected")).or_else(|| all.first());
    selected.and_then(|tag| attribute(tag, "value")).unwrap_or_default()
}

/// All elements of one kind: the inside of the start tag, and the text after it.
fn elements<'a>(text: &'a str, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut rest = text;
    let tags = std::iter::from_fn(move || {
        let (tag, after) = next_tag(rest)?;
        rest = after;
        Some((tag, after))
    });
    tags.filter(move |(tag, _)| {
        tag.split_whitespace().next().is_some_and(|name| name.eq_ignore_ascii_case(kind))
    })
}

/// The inside of the next tag, and the text after it. A `>` inside quotes does not end a tag.
fn next_tag(text: &str) -> Option<(&str, &str)> {
    let (_, inside) = text.split_once('<')?;
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (None, '>') => return inside.get(..at).zip(inside.get(at + 1..)),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// The value of an attribute: `name="value"`, `name='value'` or `name=value`.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    attributes(tag).find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| unescape(value))
}

fn has_attribute(tag: &str, wanted: &str) -> bool {
    attributes(tag).any(|(name, _)| name.eq_ignore_ascii_case(wanted))
}

fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = tag.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, remaining) = match after.trim_start().strip_prefix('=') {
            Some(value) => take_value(value.trim_start()),
            None => ("", after),
        };
        rest = remaining;
        (!name.is_empty()).then_some((name, value))
    })
}

fn take_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

fn unescape(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'")];
    let pairs = pairs.into_iter().chain([("&#x2f;", "/"), ("&#x2F;", "/"), ("&#47;", "/"), ("&amp;", "&")]);
    pairs.fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><form action="/search"><input name=q></form>
        <form class="a>b" method='POST' action="&#x2f;confirm?x=1&amp;y=2">
        <input type=hidden name=token value="a&quot;b"><input type="checkbox" name="late" value="1">
        <input type="checkbox" name="sure" value="yes" checked><input name="code">
        <select name="language"><option value="en">English<option value="ja" selected>日本語</select>
        <textarea name="note">a &lt; b</textarea>
        <button name="go" value="1">Confirm</button><button>Other</button></form>"#;

    #[test]
    fn a_form_is_found_with_its_fields() {
        let forms = posted_forms(PAGE);
        assert_eq!(forms.len(), 1);
        let form = forms.first().unwrap();
        assert_eq!(form.action, "/confirm?x=1&y=2");
        let fields = [
            ("token", "a\"b"),
            ("sure", "yes"),
            ("code", ""),
            ("language", "ja"),
            ("note", "a < b"),
            ("go", "1"),
        ];
        assert_eq!(form.fields, fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn filling_in_replaces_and_refuses_unknown_fields() {
        let form = posted_forms(PAGE).remove(0);
        let fields = form.filled_in(&[("code", "12345678")]).unwrap();
        assert!(fields.contains(&("code".to_owned(), "12345678".to_owned())));
        assert!(form.filled_in(&[("kode", "1")]).is_err());
    }
}
