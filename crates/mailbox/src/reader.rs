//! What is needed to understand mails: made once, shared by all who read.

use std::{fmt, sync::Arc};

use habeas_domain::{DataFileError, EmailAddress};
use regex::{Regex, RegexBuilder};

use crate::{Limits, rules::Rules};

/// Knows what is ours among addresses and Message-IDs.
pub trait Threads: Send + Sync {
    /// Whether we wrote this Message-ID (without angle brackets), or gave out this address.
    fn is_ours(&self, id_or_address: &str) -> bool;
}

/// What a [`Reader`] is made of.
#[derive(Clone, Default)]
pub struct ReaderOptions {
    /// The addresses that we read and write from: a mail from one of them has come back.
    pub own_addresses: Vec<EmailAddress>,
    /// Our domains: a list of ours is a way to us and not a mailing list.
    pub own_domains: Vec<String>,
    /// Keys of the manifests, each with the pattern of its values. The first group is the value, or else the whole match.
    pub patterns: Vec<(String, String)>,
    /// Further rule files, name and text; one of a language that is built in takes its place.
    pub rules: Vec<(String, String)>,
    /// How much of a mail is looked at.
    pub limits: Limits,
    /// Knows what is ours; without it the form of a token decides.
    pub threads: Option<Arc<dyn Threads>>,
}

impl fmt::Debug for ReaderOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderOptions").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Why no reader can be made. A retry does not help.
#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    /// A rule file cannot be used.
    #[error("the rules for mails cannot be used")]
    Rules(#[from] DataFileError),
    /// The pattern of a key cannot be used.
    #[error("the pattern of the key {key} cannot be used")]
    Pattern {
        /// The key.
        key: String,
        /// What is wrong with it.
        #[source]
        source: Box<regex::Error>,
    },
    /// A pattern of our own cannot be used.
    #[error("a built-in pattern cannot be used")]
    Builtin(#[from] regex::Error),
}

/// Reads mails. Cheap to clone.
#[derive(Clone)]
pub struct Reader(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) own_addresses: Vec<String>,
    pub(crate) own_domains: Vec<String>,
    pub(crate) keys: Vec<(String, Regex)>,
    pub(crate) rules: Rules,
    pub(crate) limits: Limits,
    pub(crate) threads: Option<Arc<dyn Threads>>,
    pub(crate) patterns: Patterns,
}

/// Patterns that every reader needs.
pub(crate) struct Patterns {
    pub(crate) email: Regex,
    pub(crate) phone: Regex,
    /// An enhanced status code.
    pub(crate) status: Regex,
    /// The answer of an SMTP server.
    pub(crate) reply_code: Regex,
    /// A header line of a returned mail.
    pub(crate) message_id: Regex,
    /// A token of ours, by its form.
    pub(crate) token: Regex,
    /// A request's short reference, by its form, in normal form.
    pub(crate) reference: Regex,
}

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            email: Regex::new(
                r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)",
            )?,
            phone: Regex::new(r"(?:\+|\b00)?\(?\d[\d\-() .]{6,22}\d")?,
            status: Regex::new(r"\b([245]\.\d{1,3}\.\d{1,3})\b")?,
            reply_code: Regex::new(r"(?m)(?:^|[\s:#(])([45]\d\d)[ \-]")?,
            message_id: Regex::new(r"(?im)^[>\s]*message-id:\s*<([^<>\s]{3,300})>")?,
            token: Regex::new(r"(?:^|[+.])[rm][a-z2-7]{42}@")?,
            reference: Regex::new(r"(?-u:\b)hb ?- ?[0-9a-z]{4} ?- ?[0-9a-z]{4}(?-u:\b)")?,
        })
    }
}

impl Reader {
    /// Checks and compiles everything.
    pub fn new(options: ReaderOptions) -> Result<Self, ReaderError> {
        let keys = options.patterns.into_iter().map(|(key, pattern)| match bounded(&pattern) {
            Ok(regex) => Ok((key, regex)),
            Err(source) => Err(ReaderError::Pattern { key, source: Box::new(source) }),
        });
        let addresses = options.own_addresses.iter();
        Ok(Self(Arc::new(Parts {
            own_addresses: addresses.map(|address| address.lookup_form().into_inner()).collect(),
            own_domains: options.own_domains.iter().map(|domain| domain.to_lowercase()).collect(),
            keys: keys.collect::<Result<_, _>>()?,
            rules: Rules::load(&options.rules)?,
            limits: options.limits,
            threads: options.threads,
            patterns: Patterns::new()?,
        })))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }
}

/// A pattern that somebody else wrote: of bounded size, so that it cannot take all memory.
fn bounded(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(1 << 20).build()
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Parts {
    /// Whether an address is one of ours, whatever tag it carries.
    pub(crate) fn is_own_address(&self, address: &str) -> bool {
        let plain = address.trim().to_lowercase();
        let untagged = match plain.split_once('@') {
            Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or_default()),
            None => return false,
        };
        self.own_addresses.iter().any(|own| *own == plain || *own == untagged)
    }

    /// Whether a Message-ID or an address is ours: by who knows, or by the form of its token.
    pub(crate) fn is_ours(&self, id_or_address: &str) -> bool {
        match &self.threads {
            Some(threads) => threads.is_ours(id_or_address),
            None => self.patterns.token.is_match(id_or_address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_patterns_are_named_by_their_key() {
        let options = ReaderOptions {
            patterns: vec![("customer_id".into(), "C-(".into())],
            ..ReaderOptions::default()
        };
        let error = Reader::new(options).expect_err("a broken pattern");
        assert_eq!(error.to_string(), "the pattern of the key customer_id cannot be used");
    }

    #[test]
    fn own_addresses_are_known_with_their_tags() {
        let own_addresses = vec![EmailAddress::parse("privacy@example.com").expect("an address")];
        let reader =
            Reader::new(ReaderOptions { own_addresses, ..ReaderOptions::default() }).expect("a reader");
        assert!(reader.parts().is_own_address("Privacy+r123@example.com"));
        assert!(!reader.parts().is_own_address("private@example.com"));
    }
}
