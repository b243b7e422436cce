//! Reading a regime's file, and the rules that its types alone do not hold.

use std::collections::BTreeSet;

use super::Regime;
use crate::data_file::{self, DataFileError};

impl Regime {
    /// Reads one regime from the TOML `text` of `file`.
    ///
    /// # Errors
    /// Names the file, the line where known, the field, and what is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, DataFileError> {
        let regime: Self = data_file::parse(file, text)?;
        regime.check(file)?;
        Ok(regime)
    }

    fn check(&self, file: &str) -> Result<(), DataFileError> {
        if self.rights.is_empty() {
            return Err(DataFileError::rule(file, "rights", "offer at least one right"));
        }
        if let Some(right) = self.verification.high_for.iter().find(|right| !self.offers(**right)) {
            let problem = format!("{right} is not among the rights of this file");
            return Err(DataFileError::rule(file, "verification.high_for", problem));
        }
        self.verification.check(file)?;
        self.child.check(file)?;
        self.agents.check(file)?;
        self.check_refusals(file)?;
        self.check_texts(file)
    }

    fn check_refusals(&self, file: &str) -> Result<(), DataFileError> {
        let mut codes = BTreeSet::new();
        for (place, reason) in self.refusals.iter().enumerate() {
            if !codes.insert(reason.code.as_str()) {
                let problem = format!("{} is there twice; give each reason its own code", reason.code);
                return Err(DataFileError::rule(file, format!("refusal[{place}].code"), problem));
            }
            if let Some(right) = reason.rights.iter().find(|right| !self.offers(**right)) {
                let problem = format!("{right} is not among the rights of this file");
                return Err(DataFileError::rule(file, format!("refusal[{place}].rights"), problem));
            }
        }
        Ok(())
    }

    fn check_texts(&self, file: &str) -> Result<(), DataFileError> {
        let refusals =
            self.refusals.iter().enumerate().map(|(n, one)| (format!("refusal[{n}].text"), &one.text));
        let others = [
            ("title", &self.title),
            ("complaint.authority", &self.complaint.authority),
            ("complaint.text", &self.complaint.text),
            ("non_discrimination.value", &self.non_discrimination.value),
        ];
        let mut texts = others.map(|(field, text)| (field.to_owned(), text)).into_iter().chain(refusals);
        match texts.find(|(_, text)| text.en.trim().is_empty() || text.ja.trim().is_empty()) {
            Some((field, _)) => {
                Err(DataFileError::rule(file, field, "write it in both languages, en and ja"))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regime::builtin::FILES;

    fn broken(from: &str, to: &str) -> DataFileError {
        let (_, text) = FILES[0];
        assert!(text.contains(from), "the sample changed: {from}");
        Regime::parse("laws/mine.toml", &text.replacen(from, to, 1)).expect_err("it is broken")
    }

    #[test]
    fn an_error_names_file_line_and_field() {
        let error = broken("value = \"1 month\"", "value = \"one month\"");
        assert_eq!(error.field, "timing.respond.value");
        assert!(error.to_string().starts_with("laws/mine.toml:"), "{error}");
        assert!(error.to_string().contains("1 month"), "it shows the form: {error}");
    }

    #[test]
    fn an_unknown_right_or_field_is_named() {
        let error = broken("portability = {", "teleportation = {");
        assert_eq!(error.field, "rights");
        assert!(error.problem.contains("teleportation") && error.problem.contains("portability"), "{error}");
        assert!(broken("citation", "citatoin").problem.contains("citatoin"));
        assert_eq!(broken("Europe/Brussels", "Europe/Atlantis").field, "time_zone");
        assert_eq!(
            broken("confidence = \"stated\" }", "confidence = \"sure\" }").field,
            "timing.starts.confidence"
        );
    }

    #[test]
    fn a_code_given_twice_is_refused() {
        let error = broken("code = \"legal-claims\"", "code = \"legal-obligation\"");
        assert!(error.field.starts_with("refusal["), "{error}");
        assert_eq!(error.line, None);
    }

    #[test]
    fn a_missing_translation_is_refused() {
        let error = broken("ja = \"EU一般データ保護規則(GDPR)\"", "ja = \"\"");
        assert_eq!(error.field, "title");
    }

    #[test]
    fn a_weak_verification_policy_is_refused_with_its_field() {
        let high = "enough = [[\"mail-link\", \"sign-in\"]";
        for (from, to, field) in [
            (high, "enough = [[\"sign-in\"]", "verification.high.enough"),
            (high, "enough = [[\"mail-link\"]", "verification.high.enough"),
            (high, "enough = [[\"mail-link\", \"horoscope\"]", "verification.high.enough"),
            ("callers = 2", "callers = 9", "verification.high.callers"),
            ("reviewers = 2", "reviewers = 1", "verification.high.reviewers"),
            ("answers = 3", "answers = 0", "verification.high.answers"),
            ("level = \"high\"", "level = \"reasonable\"", "verification.high.level"),
            ("high_for = []", "high_for = [\"teleportation\"]", "verification.high_for"),
        ] {
            let error = broken(from, to);
            assert!(error.field.starts_with(field), "{to}: {error}");
        }
    }

    #[test]
    fn a_right_may_have_its_own_period() {
        let (_, text) = FILES[0];
        let own = "respond = { value = \"15 business days\", article = \"policy\", confidence = \"unsure\" }";
        let text = text.replacen(
            "access = { article = \"GDPR art. 15\",",
            &format!("access = {{ extendable = false, {own}, article = \"GDPR art. 15\","),
            1,
        );
        let regime = Regime::parse("mine.toml", &text).expect("it parses");
        let rule = regime.right(crate::Right::Access).expect("offered");
        assert_eq!(
            rule.respond.as_ref().map(|own| own.value.to_string()),
            Some("15 business days".to_owned())
        );
        assert!(!rule.extendable);
    }
}
