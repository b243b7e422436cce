//! `[controller]`

use chrono_tz::Tz;
use habeas_domain::EmailAddress;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Findings;

/// The company that decides why and how the data is used, as mails, pages and packages name it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Controller {
    /// The company's name in English, as it stands in a sentence.
    #[schemars(example = &"Example Mart Ltd")]
    pub name_en: Option<String>,
    /// The company's name in Japanese. Without it, the English one.
    #[schemars(example = &"例示マート株式会社")]
    pub name_ja: Option<String>,
    /// Where people get help. Without it, the sender's address of the mails.
    #[schemars(example = &"privacy@example.com")]
    pub contact_email: Option<String>,
    /// The version of the privacy notice in force, which packages and letters cite.
    #[schemars(example = &"2026-04")]
    pub notice_version: Option<String>,
    /// Whose midnight ends a day, for every regime, such as `Asia/Tokyo`. Without it, each regime's own.
    #[schemars(with = "Option<String>", example = &"Asia/Tokyo")]
    pub time_zone: Option<Tz>,
}

impl Controller {
    pub(crate) fn check(&self, findings: &mut Findings) {
        let texts = [
            ("controller.name_en", &self.name_en),
            ("controller.name_ja", &self.name_ja),
            ("controller.notice_version", &self.notice_version),
        ];
        for (path, text) in texts {
            let broken = |text: &String| text.trim().is_empty() || text.chars().any(char::is_control);
            if text.as_ref().is_some_and(broken) {
                findings.add(path, "empty, or holds control characters", "write one line of plain text");
            }
        }
        if self.name_ja.is_some() && self.name_en.is_none() {
            findings.missing("controller.name_en", "controller.name_ja is set", "\"Example Mart Ltd\"");
        }
        if self.contact_email.as_ref().is_some_and(|contact| EmailAddress::parse(contact).is_err()) {
            findings.add(
                "controller.contact_email",
                "not a mail address",
                "write one address, such as \"privacy@example.com\"",
            );
        }
    }
}
