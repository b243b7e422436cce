//! Reading one `Authentication-Results` (RFC 8601, section 2.2).

use super::cursor::Cursor;

/// The most results that are read of one field.
const MOST: usize = 64;

/// What one field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthResults {
    /// Who says so, in lower case.
    pub authserv_id: String,
    /// The results, in their order; empty for `none`.
    pub results: Vec<MethodResult>,
}

/// One `method=result` with its reason and its properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodResult {
    /// The method, such as `dkim`, in lower case.
    pub method: String,
    /// The result, such as `pass`, in lower case.
    pub result: String,
    /// Why, if it says so.
    pub reason: Option<String>,
    /// What was looked at.
    pub properties: Vec<Property>,
}

/// One property, such as `header.d=example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Where it was found, such as `header` or `smtp`, in lower case.
    pub kind: String,
    /// Which, such as `d` or `mailfrom`, in lower case.
    pub name: String,
    /// Its value, as it stands.
    pub value: String,
}

impl MethodResult {
    /// The value of a property.
    pub fn property(&self, kind: &str, name: &str) -> Option<&str> {
        let fits = |property: &&Property| property.kind == kind && property.name == name;
        self.properties.iter().find(fits).map(|property| property.value.as_str())
    }
}

impl AuthResults {
    /// Reads the value of a field. Nothing unless all of it follows the grammar in version 1: a field that is half
    /// understood is not believed at all.
    pub fn parse(value: &str) -> Option<Self> {
        let mut at = Cursor::new(value);
        at.skip()?;
        let authserv_id = at.value()?.to_ascii_lowercase();
        at.skip()?;
        if let Some(version) = at.run(|letter| letter.is_ascii_digit()) {
            (version.trim_start_matches('0') == "1").then_some(())?;
            at.skip()?;
        }
        let results = results(&mut at)?;
        Some(Self { authserv_id, results })
    }
}

/// `; none`, or at least one result. What old servers leave away at the end, a field with no results, says nothing.
fn results(at: &mut Cursor<'_>) -> Option<Vec<MethodResult>> {
    let mut results = Vec::new();
    while !at.is_at_end() {
        at.take(';').then_some(())?;
        at.skip()?;
        if at.is_at_end() {
            break;
        }
        if results.is_empty() && none(at) {
            break;
        }
        (results.len() < MOST).then_some(())?;
        results.push(one(at)?);
    }
    Some(results)
}

/// Whether all that is left is `none`.
fn none(at: &Cursor<'_>) -> bool {
    let mut ahead = at.clone();
    ahead.keyword().is_some_and(|word| word == "none") && ahead.skip().is_some() && ahead.is_at_end()
}

fn one(at: &mut Cursor<'_>) -> Option<MethodResult> {
    let method = at.keyword()?;
    at.skip()?;
    if at.take('/') {
        at.skip()?;
        (at.run(|letter| letter.is_ascii_digit())? == "1").then_some(())?;
        at.skip()?;
    }
    at.take('=').then_some(())?;
    at.skip()?;
    let result = at.keyword()?;
    at.skip()?;
    let mut found = MethodResult { method, result, reason: None, properties: Vec::new() };
    while !at.is_at_end() && !at.next_is(';') {
        said(at, &mut found)?;
        at.skip()?;
    }
    Some(found)
}

/// `reason=...` or `kind.name=...`.
fn said(at: &mut Cursor<'_>, of: &mut MethodResult) -> Option<()> {
    let word = at.keyword()?;
    at.skip()?;
    if at.take('.') {
        at.skip()?;
        let name = at.keyword()?;
        at.skip()?;
        at.take('=').then_some(())?;
        at.skip()?;
        // An empty value, as in `smtp.mailfrom=;`, is how servers write the null address.
        let value = at.property_value().unwrap_or_default();
        of.properties.push(Property { kind: word, name, value });
        return Some(());
    }
    at.take('=').then_some(())?;
    at.skip()?;
    let value = at.property_value()?;
    if word == "reason" {
        of.reason = Some(value);
    }
    // Other words, such as `action=none`, are of servers that go beyond the standard.
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(value: &str) -> AuthResults {
        AuthResults::parse(value).unwrap()
    }

    #[test]
    fn the_usual_forms_are_read() {
        let read = parse(
            "mx.example.com; dkim=pass (2048-bit key; unprotected) header.d=example.jp header.i=@example.jp \
             header.b=\"Ab/c+d=\"; spf=pass (mx: 203.0.113.5 is allowed) smtp.mailfrom=hanako+x@example.jp; \
             dmarc=pass (p=REJECT sp=none) header.from=example.jp",
        );
        assert_eq!(read.authserv_id, "mx.example.com");
        let said: Vec<_> =
            read.results.iter().map(|one| (one.method.as_str(), one.result.as_str())).collect();
        assert_eq!(said, [("dkim", "pass"), ("spf", "pass"), ("dmarc", "pass")]);
        assert_eq!(read.results[0].property("header", "b"), Some("Ab/c+d="));
        assert_eq!(read.results[1].property("smtp", "mailfrom"), Some("hanako+x@example.jp"));
        assert_eq!(read.results[2].property("header", "from"), Some("example.jp"));
    }

    #[test]
    fn comments_versions_quotes_and_none_are_read() {
        let read = parse(
            "(a (nested \\) one)) \"MX.example.com\" (v) 1 ; (x) dkim (y) / (z) 1 = (w) FAIL (v) \
             reason=\"bad \\\"hash\\\"\" header (a) . (b) d (c) = (d) example.jp (e)",
        );
        assert_eq!((read.authserv_id.as_str(), read.results.len()), ("mx.example.com", 1));
        assert_eq!(read.results[0].result, "fail");
        assert_eq!(read.results[0].reason.as_deref(), Some("bad \"hash\""));
        assert_eq!(read.results[0].property("header", "d"), Some("example.jp"));
        for none in ["mx.example.com; none", "mx.example.com 1; none", "mx.example.com;", "mx.example.com"] {
            assert_eq!(parse(none).results, [], "{none}");
        }
    }

    #[test]
    fn what_is_not_the_grammar_is_not_half_believed() {
        for wrong in [
            "",
            "; dkim=pass",
            "mx.example.com 2; dkim=pass",
            "mx.example.com; dkim/2=pass",
            "mx.example.com; dkim=pass (never ends",
            "mx.example.com; dkim=pass reason=\"never ends",
            "mx.example.com; dkim",
            "mx.example.com; none; dkim=pass",
            "mx.example.com; dkim=pass; none",
            "mx.example.com; dkim=pass header.d",
            "mx.example.com dkim=pass",
            "spf=pass smtp.mailfrom=a@example.jp; dkim=pass",
            "mx.example.com, mx.example.com; dkim=pass",
        ] {
            assert_eq!(AuthResults::parse(wrong), None, "{wrong}");
        }
    }

    fn comment() -> impl Strategy<Value = String> {
        prop_oneof![Just(" ".to_owned()), "\\([a-z; =]{0,8}\\)", " \\(\\([a-z]{0,4}\\)\\) "]
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(value in "\\PC{0,200}") {
            let _ = AuthResults::parse(&value);
        }

        #[test]
        fn texts_of_its_own_letters_are_read_without_a_panic(value in "[a-z0-9;=.()\"\\\\@/ ]{0,120}") {
            let _ = AuthResults::parse(&value);
        }

        #[test]
        fn what_was_written_is_read_wherever_comments_stand(
            id in "[a-z]{1,8}\\.example\\.com",
            method in "[a-z]{1,8}", result in "[a-z]{1,8}", value in "[a-z0-9@.+=/-]{1,20}",
            a in comment(), b in comment(), c in comment(),
        ) {
            let read = parse(&format!("{a}{id}{b};{c}{method}{a}={b}{result} header{c}.{a}d{b}={c}{value}{a}"));
            prop_assert_eq!(read.authserv_id, id);
            prop_assert_eq!(&read.results[0].method, &method);
            prop_assert_eq!(&read.results[0].result, &result);
            prop_assert_eq!(read.results[0].property("header", "d"), Some(value.as_str()));
        }
    }
}
