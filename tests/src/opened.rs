//! A package, as its owner fetches and opens it.

use std::{
    io::{Cursor, Read as _},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result};
use habeas_test_support::{Person, SmtpSink, wait};

use crate::{
    company::{Company, email},
    people,
};

/// What a person found in their package.
#[derive(Debug)]
pub struct Opened {
    owner: u32,
    text: String,
}

impl Opened {
    /// The person follows the link in their mail, types the code that comes, and opens what they get.
    pub async fn fetch(sink: &Arc<SmtpSink>, owner: u32, limit: Duration) -> Result<Self> {
        let person = Person::new()?.at(people::home(owner));
        let page = person.open(&people::package_link(sink, owner)?).await?.successful()?;
        let ask = person.press(&page).await?.successful()?;
        let code =
            wait::value(format!("a code for person {owner}"), limit, || async { download_code(sink, owner) });
        let code = code.await?;
        let form = ask.forms().into_iter().find(|form| form.action.contains("/code"));
        let form = form.with_context(|| format!("nowhere to type a code:\n{}", ask.text()))?;
        let page = person.submit(&ask, &form, &[("code", &code)]).await?.successful()?;
        let file = person.press(&page).await?.successful()?;
        Ok(Self { owner, text: unpacked(&file.body)? })
    }

    /// Whether all of the owner's values are in it that every copy holds.
    pub fn is_whole(&self, company: &Company) -> bool {
        company.values_in_a_copy(self.owner).iter().all(|value| self.text.contains(value))
    }

    /// What it is, in words.
    pub fn whose(&self) -> String {
        format!("the package of person {}", self.owner)
    }

    /// How often it names somebody else.
    pub fn of_others(&self) -> usize {
        people::named(&self.text).filter(|named| *named != self.owner).count()
    }
}

/// The code in a mail that proves no address.
fn download_code(sink: &SmtpSink, person: u32) -> Option<String> {
    let mails = sink.mails_to(&email(person));
    let mut read = mails.iter().filter_map(|mail| mail.read().ok());
    read.find(|mail| mail.link_with("/confirm/").is_err() && mail.code().is_ok())?.code().ok()
}

/// The text of all files.
fn unpacked(archive: &[u8]) -> Result<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).context("no package")?;
    let mut text = String::new();
    for place in 0..archive.len() {
        let mut content = Vec::new();
        archive.by_index(place)?.read_to_end(&mut content)?;
        text.push_str(&String::from_utf8_lossy(&content));
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::company::MARK;

    #[test]
    fn what_names_another_person_is_seen() {
        let opened = |text: &str| Opened { owner: 3, text: text.to_owned() };
        assert_eq!(opened(&format!("{MARK} 3, {MARK} Street 3-1, {}", email(3))).of_others(), 0);
        assert_eq!(opened(&format!("{MARK} 3 and for {MARK} 4")).of_others(), 1);
        assert_eq!(opened(&email(33)).of_others(), 1);
    }
}
