//! Telling one submission from another.

use chrono::SecondsFormat;
use sha2::{Digest, Sha256};

use super::Submission;

impl Submission {
    /// SHA-256 over what was handed in, in its clean form: equal for equal submissions, so that "the same idempotency
    /// key with another body" can be told. When it arrived counts only if it said so itself, since a repeat arrives
    /// later. The hash of guessable data can be guessed: store it keyed or encrypted.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut parts = Parts::new("habeas submission 1");
        parts.text(self.regime.as_str()).text(self.language.as_str()).text(self.channel.as_str());
        let received_at = self.received_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        parts.optional(self.received_at_given.then_some(received_at.as_str()));
        self.add_subject(&mut parts);
        parts.count(self.rights.len());
        for right in &self.rights {
            parts.text(right.as_str());
        }
        parts.count(self.corrections.len());
        for correction in &self.corrections {
            parts
                .text(correction.category.as_str())
                .text(correction.kind.as_str())
                .text(correction.value.expose());
        }
        parts.optional(self.message.as_ref().map(crate::text::FreeText::as_str));
        self.add_agent(&mut parts);
        self.add_child(&mut parts);
        parts.optional(self.external_reference.as_ref().map(crate::text::FreeText::as_str));
        parts.0.finalize().into()
    }

    /// Nothing where there is none, so that older fingerprints stay what they were.
    fn add_agent(&self, parts: &mut Parts) {
        let Some(agent) = &self.agent else { return };
        parts.text("agent").text(agent.name.as_str()).text(agent.email.as_str());
        parts.optional(agent.organisation.as_ref().map(crate::PersonName::as_str));
        parts.text(agent.mandate.kind.as_str());
        parts.optional(agent.mandate.reference.as_ref().map(crate::text::FreeText::as_str));
        // Nothing where they are not named, so that older fingerprints stay what they were.
        if let Some(day) = agent.mandate.valid_until {
            parts.text("valid until").text(&day.to_string());
        }
        if let Some(sha256) = &agent.mandate.sha256 {
            parts.text("sha256").text(sha256);
        }
    }

    /// Nothing where there is none, for the same reason.
    fn add_child(&self, parts: &mut Parts) {
        let Some(child) = &self.child else { return };
        parts.text("child");
        parts.optional(child.guardian.as_ref().map(|guardian| guardian.name.as_str()));
        parts.optional(child.guardian.as_ref().map(|guardian| guardian.email.as_str()));
    }

    fn add_subject(&self, parts: &mut Parts) {
        let subject = &self.subject;
        parts.text(subject.email.as_str());
        parts.optional(subject.name.as_ref().map(crate::PersonName::as_str));
        parts.optional(subject.phone.as_ref().map(crate::PhoneNumber::as_str));
        parts.count(subject.identifiers.len());
        for identifier in &subject.identifiers {
            parts.text(identifier.key.as_str()).text(identifier.value.as_str());
        }
    }
}

/// Texts with their lengths before them, so that no two different rows of texts hash alike.
struct Parts(Sha256);

impl Parts {
    fn new(domain: &str) -> Self {
        let mut parts = Self(Sha256::new());
        parts.text(domain);
        parts
    }

    fn count(&mut self, n: usize) -> &mut Self {
        self.0.update(u64::try_from(n).unwrap_or(u64::MAX).to_be_bytes());
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len()).0.update(text.as_bytes());
        self
    }

    fn optional(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.count(1).text(text),
            None => self.count(0),
        }
    }
}
