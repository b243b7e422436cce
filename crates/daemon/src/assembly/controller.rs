//! Who is responsible, as people read it.

use habeas_config::Config;
use habeas_domain::Bilingual;

/// The company's name in both languages, if it shall be named.
pub(crate) fn controller_name(config: &Config) -> Option<Bilingual> {
    let section = &config.controller;
    let en = section.name_en.clone()?;
    let ja = section.name_ja.clone().unwrap_or_else(|| en.clone());
    Some(Bilingual { en, ja })
}

/// Where people get help.
pub(crate) fn contact(config: &Config) -> String {
    config.controller.contact_email.clone().unwrap_or_else(|| config.mail.from_address.clone())
}
