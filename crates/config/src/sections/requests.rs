//! `[requests]`

use std::{num::NonZeroU32, path::PathBuf};

use habeas_domain::{Language, RegimeId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a request takes where it says nothing itself, and its clocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Requests {
    /// The law of a request that names none: `eu_gdpr`, `uk_gdpr`, `us_ca`, `jp_appi`, or one of your own.
    #[schemars(with = "Option<String>", example = &"jp_appi")]
    pub default_regime: Option<RegimeId>,
    /// The laws that a request may name: ids such as `eu_gdpr`, the default one among them. Empty: all that ship and those of `regimes_folder`. A mail that names another law is taken under the default one, with a remark. Whoever has proven nothing may name a law that takes more proof than the default one, never one that takes less.
    #[schemars(with = "Vec<String>")]
    pub regimes: Vec<RegimeId>,
    /// The language of a request that names none: `en` or `ja`.
    #[schemars(with = "String")]
    pub default_language: Language,
    /// After how many days a request lapses that nobody confirmed, and a correction of which nobody confirmed the new email address.
    #[schemars(range(max = 365))]
    pub lapse_after_days: NonZeroU32,
    /// How many hours before the end of its last day an open request is reported to ops.
    #[schemars(range(max = 8760))]
    pub alert_ahead_hours: NonZeroU32,
    /// How many days after its end a request's personal data are destroyed; the record that proves compliance stays.
    #[schemars(range(max = 36_500))]
    pub erase_after_days: NonZeroU32,
    /// How many days after its end they are destroyed where nobody proved who they are: it lapsed, was refused or taken back before that.
    #[schemars(range(max = 36_500))]
    pub erase_unproven_after_days: NonZeroU32,
    /// How many days after its decision a mail is destroyed that became no request and belongs to none: advertising, bounces,
    /// misdirected mail. What waits for staff to decide is kept.
    #[schemars(range(max = 36_500))]
    pub erase_other_mails_after_days: NonZeroU32,
    /// A folder of more regimes, one TOML file for each; a file with the id of a built-in regime replaces it.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/regimes")]
    pub regimes_folder: Option<PathBuf>,
    /// A folder of rules by which mails in more languages are understood, one TOML file for each; a file of a built-in language
    /// (`en`, `ja`) replaces it. Whoever writes in another language is written to in the language that its file names, or else in
    /// English.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/mail-rules")]
    pub mail_rules_folder: Option<PathBuf>,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            default_regime: None,
            regimes: Vec::new(),
            default_language: Language::En,
            lapse_after_days: super::workers::number(30),
            alert_ahead_hours: super::workers::number(72),
            erase_after_days: super::workers::number(1095),
            erase_unproven_after_days: super::workers::number(30),
            erase_other_mails_after_days: super::workers::number(90),
            regimes_folder: None,
            mail_rules_folder: None,
        }
    }
}

impl Requests {
    /// Whether requests are taken under this law.
    pub fn takes(&self, regime: &RegimeId) -> bool {
        self.regimes.is_empty() || self.regimes.contains(regime)
    }

    /// The law of a request that names none: `eu_gdpr` unless the configuration says otherwise.
    pub fn regime(&self) -> String {
        self.default_regime.as_ref().map_or_else(|| "eu_gdpr".to_owned(), ToString::to_string)
    }
}
