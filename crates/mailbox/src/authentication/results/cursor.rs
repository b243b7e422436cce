//! A place in a structured field, and the steps that can be made from there (RFC 5322, section 3.2; RFC 2045).

/// A place in a text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'x>(&'x str);

impl<'x> Cursor<'x> {
    pub(super) const fn new(text: &'x str) -> Self {
        Self(text)
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn next_is(&self, letter: char) -> bool {
        self.0.starts_with(letter)
    }

    /// Steps over `letter` if it is next.
    pub(super) fn take(&mut self, letter: char) -> bool {
        let rest = self.0.strip_prefix(letter);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Steps over white space and comments, nested ones too. Nothing if a comment does not end.
    pub(super) fn skip(&mut self) -> Option<()> {
        loop {
            self.0 = self.0.trim_start_matches([' ', '\t', '\r', '\n']);
            if !self.next_is('(') {
                return Some(());
            }
            self.comment()?;
        }
    }

    fn comment(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        let mut letters = self.0.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => drop(letters.next()),
                '(' => depth += 1,
                ')' if depth == 1 => {
                    self.0 = self.0.get(at + 1..)?;
                    return Some(());
                }
                ')' => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// The longest text of letters that `fit`; nothing if it is empty.
    pub(super) fn run(&mut self, fit: impl Fn(char) -> bool) -> Option<&'x str> {
        let end = self.0.find(|letter| !fit(letter)).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        (!run.is_empty()).then_some(run)
    }

    /// A text in quotes, without them and with its escapes resolved.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let inner = self.0.strip_prefix('"')?;
        let mut text = String::new();
        let mut letters = inner.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => text.push(letters.next()?.1),
                '"' => {
                    self.0 = inner.get(at + 1..)?;
                    return Some(text);
                }
                other => text.push(other),
            }
        }
        None
    }

    /// A `Keyword` (RFC 5321, section 4.1.2), in lower case. An underscore is taken too, since some servers write one.
    pub(super) fn keyword(&mut self) -> Option<String> {
        let word = self.run(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))?;
        Some(word.to_ascii_lowercase())
    }

    /// A `value` (RFC 2045, section 5.1): a token or a text in quotes.
    pub(super) fn value(&mut self) -> Option<String> {
        if self.next_is('"') {
            return self.quoted();
        }
        let token = |letter: char| letter.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(letter);
        self.run(token).map(str::to_owned)
    }

    /// The value of a property: a `value` or an address. Real servers write signatures, identities and IP addresses
    /// here without quotes, so everything up to white space, a comment or a semicolon counts.
    pub(super) fn property_value(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            if self.next_is('"') {
                text.push_str(&self.quoted()?);
            } else if let Some(run) = self.run(|letter| !letter.is_whitespace() && !"();\"".contains(letter))
            {
                text.push_str(run);
            } else {
                return (!text.is_empty()).then_some(text);
            }
        }
    }
}
