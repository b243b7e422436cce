//! HTML as plain text: what is shown, line by line; quotations marked with `>` so that they are cut like others.

use mail_parser::decoders::html::add_html_token;

/// What holds nothing to read.
const UNREAD: [&str; 7] = ["script", "style", "head", "template", "title", "noscript", "svg"];
/// What begins and ends a line.
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "br",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "section",
    "article",
    "header",
    "footer",
    "pre",
    "dt",
    "dd",
    "blockquote",
    "form",
];
/// The longest entity, such as `&CounterClockwiseContourIntegral;`.
const LONGEST_ENTITY: usize = 40;

/// The text of an HTML document.
pub(crate) fn to_text(html: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        writer.text(rest.get(..at).unwrap_or_default());
        let here = rest.get(at..).unwrap_or_default();
        let length = if here.starts_with('&') { writer.entity(here) } else { writer.tag(here) };
        rest = here.get(length..).unwrap_or_default();
    }
    writer.text(rest);
    writer.finish()
}

#[derive(Default)]
struct Writer {
    out: String,
    line: String,
    quotes: usize,
    /// Whether a space is due before the next word.
    spaced: bool,
    /// Elements that are known not to end any more, so that each is looked for once.
    endless: Vec<String>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() && c != '\u{3000}' {
                self.spaced = !self.line.is_empty();
            } else {
                self.push(c);
            }
        }
    }

    fn push(&mut self, c: char) {
        if self.spaced {
            self.line.push(' ');
            self.spaced = false;
        }
        self.line.push(c);
    }

    /// Takes an entity; returns its length.
    fn entity(&mut self, here: &str) -> usize {
        let window = here.get(..here.floor_char_boundary(LONGEST_ENTITY)).unwrap_or_default();
        let end = window.find(';').filter(|end| {
            let name = window.get(1..*end).unwrap_or_default();
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
        });
        let Some(end) = end else {
            self.push('&');
            return 1;
        };
        let token = window.get(..=end).unwrap_or_default();
        let mut decoded = String::new();
        add_html_token(&mut decoded, token.as_bytes(), false);
        self.text(&decoded);
        token.len()
    }

    /// Takes a tag, or a comment, or an element that holds nothing to read; returns its length.
    fn tag(&mut self, here: &str) -> usize {
        if here.starts_with("<!--") {
            return here.find("-->").map_or(here.len(), |end| end + 3);
        }
        let after = here.get(1..).unwrap_or_default();
        let is_end = after.starts_with('/');
        let name: String = after
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(20)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if name.is_empty() && !after.starts_with(['!', '?', '/']) {
            self.push('<');
            return 1;
        }
        let length = here.find('>').map_or(here.len(), |end| end + 1);
        if UNREAD.contains(&name.as_str()) && !is_end {
            return length + self.unread(here.get(length..).unwrap_or_default(), name);
        }
        self.shape(&name, is_end);
        length
    }

    /// The length of the content of an element that holds nothing to read. One that does not end is read after all.
    fn unread(&mut self, rest: &str, name: String) -> usize {
        if self.endless.contains(&name) {
            return 0;
        }
        end_of(rest, &name).unwrap_or_else(|| {
            self.endless.push(name);
            0
        })
    }

    fn shape(&mut self, name: &str, is_end: bool) {
        if BLOCKS.contains(&name) {
            self.break_line(name == "br");
        } else if matches!(name, "td" | "th") {
            self.spaced = !self.line.is_empty();
        }
        if name == "blockquote" {
            self.quotes = if is_end { self.quotes.saturating_sub(1) } else { self.quotes + 1 };
        }
    }

    fn break_line(&mut self, even_if_empty: bool) {
        if !self.line.is_empty() || even_if_empty {
            if self.quotes > 0 {
                self.out.push_str("> ");
            }
            self.out.push_str(&self.line);
            self.out.push('\n');
        }
        self.line.clear();
        self.spaced = false;
    }

    fn finish(mut self) -> String {
        self.break_line(false);
        self.out
    }
}

/// The length up to the end of an element, if it ends.
fn end_of(rest: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|rest| rest.find("</")).map(|at| at + from) {
        let found = rest.get(at + 2..at + 2 + name.len());
        if found.is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            let end = rest.get(at..).and_then(|rest| rest.find('>'));
            return Some(end.map_or(rest.len(), |end| at + end + 1));
        }
        from = at + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><p>削除して&nbsp;ください&amp;</p>\
                    <div>a<br>b &lt;c&gt; &#x41;</div><script>1<2</script><!-- no --><td>x</td><td>y</td></body>";
        assert_eq!(to_text(html), "削除して ください&\na\nb <c> A\nx y\n");
    }

    #[test]
    fn quotations_are_marked() {
        assert_eq!(to_text("mine<blockquote><p>yours</p></blockquote>mine"), "mine\n> yours\nmine\n");
    }

    #[test]
    fn ruins_are_read_as_they_stand() {
        for (html, text) in
            [("1 < 2 & 3", "1 < 2 & 3\n"), ("<p", ""), ("a<style>b", "ab\n"), ("&#xd800;", "\u{fffd}\n")]
        {
            assert_eq!(to_text(html), text, "{html}");
        }
        for hostile in ["<style>", "<style><script></a>", "<!--", "&amp", "<a", "</style"] {
            to_text(&hostile.repeat(100_000));
        }
    }
}
