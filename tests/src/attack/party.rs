//! Somebody outside the company: their mailboxes, their browser, and all that they got to see.

use std::{
    io::{Cursor, Read as _},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result};
use habeas_test_support::{
    Person, ReceivedMail,
    person::{Form, Page},
    wait,
};

use super::{LIMIT, Letter, SECRETS, Target};

/// A person with addresses, a browser of their own, and a memory.
pub struct Party {
    target: Arc<Target>,
    addresses: Vec<String>,
    browser: Person,
    seen: Mutex<Vec<Vec<u8>>>,
    /// What they know of the victim and say themselves: to be shown that is no disclosure.
    said: Vec<String>,
}

impl Party {
    /// Somebody who reads the mails to these addresses and comes from this network address.
    pub fn new(target: &Arc<Target>, addresses: &[&str], from: &str) -> Result<Self> {
        Ok(Self {
            target: Arc::clone(target),
            addresses: addresses.iter().map(|one| (*one).to_owned()).collect(),
            browser: Person::new()?.at(from),
            seen: Mutex::default(),
            said: Vec::new(),
        })
    }

    /// The same, who knows this of the victim and says it.
    #[must_use]
    pub fn saying(mut self, known: &[&str]) -> Self {
        self.said.extend(known.iter().map(|one| (*one).to_owned()));
        self
    }

    /// Writes to the company.
    pub fn write(&self, letter: &Letter) -> Result<()> {
        self.target.deliver(letter)
    }

    /// All mails that reached one of their addresses, oldest first, by the envelope.
    pub fn mails(&self) -> Result<Vec<ReceivedMail>> {
        let mine = |to: &String| self.addresses.iter().any(|mine| mine.eq_ignore_ascii_case(to));
        let all = self.target.sink.mails();
        all.iter().filter(|mail| mail.to.iter().any(mine)).map(habeas_test_support::SmtpMail::read).collect()
    }

    /// Waits for more than `before` mails with a link to such a page, and returns the link of the newest.
    pub async fn link_after(&self, before: usize, page: &str) -> Result<String> {
        let links = || -> Result<Vec<String>> {
            Ok(self.mails()?.iter().filter_map(|mail| mail.link_with(page).ok()).collect())
        };
        wait::value(format!("a link to {page} for {:?}", self.addresses), LIMIT, || async {
            links().ok().filter(|links| links.len() > before)?.pop()
        })
        .await
    }

    /// Waits for a mail with a link to such a page.
    pub async fn link(&self, page: &str) -> Result<String> {
        self.link_after(0, page).await
    }

    /// How many mails with a link to such a page they got.
    pub fn links(&self, page: &str) -> Result<usize> {
        Ok(self.mails()?.iter().filter(|mail| mail.link_with(page).is_ok()).count())
    }

    /// Opens a link.
    pub async fn open(&self, url: &str) -> Result<Page> {
        Ok(self.remember(self.browser.open(url).await?))
    }

    /// Presses the one button of a page, with what was typed.
    pub async fn press(&self, page: &Page, typed: &[(&str, &str)]) -> Result<Page> {
        Ok(self.remember(self.browser.fill_in(page, typed).await?))
    }

    /// Presses the button of this form of a page, with what was typed.
    pub async fn submit(&self, page: &Page, form: &Form, typed: &[(&str, &str)]) -> Result<Page> {
        Ok(self.remember(self.browser.submit(page, form, typed).await?))
    }

    /// Hands a file in through the one form of a page.
    pub async fn hand_in(&self, page: &Page, field: &str, content: &[u8]) -> Result<Page> {
        Ok(self.remember(self.browser.hand_in(page, field, content).await?))
    }

    /// Presses the button whose form leads to such an address.
    pub async fn press_at(&self, page: &Page, part: &str, typed: &[(&str, &str)]) -> Result<Page> {
        let form = page.forms().into_iter().find(|form| form.action.contains(part));
        let form = form.with_context(|| format!("no button to {part} on {}:\n{}", page.url, page.text()))?;
        self.submit(page, &form, typed).await
    }

    /// Follows the newest link that proves an address, and presses its button. Returns the page after it.
    pub async fn confirm(&self) -> Result<Page> {
        self.confirm_after(0).await
    }

    /// The same, once more than `before` such mails have come.
    pub async fn confirm_after(&self, before: usize) -> Result<Page> {
        let page = self.open(&self.link_after(before, "/confirm/").await?).await?.successful()?;
        self.press(&page, &[]).await?.successful()
    }

    /// Fetches a package by its link with a fresh code, as its owner does.
    pub async fn fetch(&self, link: &str) -> Result<Page> {
        let page = self.open(link).await?.successful()?;
        let codes = self.download_codes()?.len();
        let ask = self.press(&page, &[]).await?.successful()?;
        let code = wait::value("a code for the download", LIMIT, || async {
            self.download_codes().ok().filter(|all| all.len() > codes)?.pop()
        });
        let opened = self.press_at(&ask, "/code", &[("code", &code.await?)]).await?.successful()?;
        self.press(&opened, &[]).await?.successful()
    }

    /// The codes in mails without a link, oldest first.
    pub fn download_codes(&self) -> Result<Vec<String>> {
        let bare = self.mails()?.into_iter().filter(|mail| mail.link_with("/confirm/").is_err());
        Ok(bare.filter_map(|mail| mail.code().ok()).collect())
    }

    /// How many of the pages, files and mails that they got to see hold something of the victim's.
    pub fn saw(&self) -> Result<usize> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mails = self
            .mails()?
            .into_iter()
            .map(|mail| format!("{}{}{}", mail.subject, mail.text, mail.html).into_bytes());
        Ok(seen.into_iter().chain(mails).filter(|bytes| holds_a_secret(bytes, &self.said)).count())
    }

    fn remember(&self, page: Page) -> Page {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(page.body.to_vec());
        page
    }
}

/// Also inside an archive. Of what they said themselves nothing counts.
fn holds_a_secret(bytes: &[u8], said: &[String]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut secrets = SECRETS.iter().filter(|secret| !said.iter().any(|said| said == *secret));
    secrets.any(|secret| holds(&text, secret)) || files(bytes).iter().any(|file| holds_a_secret(file, said))
}

/// Standing alone: four digits within a code or an id are no secret.
fn holds(text: &str, secret: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    text.match_indices(secret).any(|(place, _)| {
        let before = text.get(..place).and_then(|before| before.chars().next_back());
        let after = text.get(place + secret.len()..).and_then(|after| after.chars().next());
        !is_part(before) && !is_part(after)
    })
}

/// The files of an archive; none if it is none.
fn files(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Vec::new() };
    let read = |place| -> Option<Vec<u8>> {
        let mut content = Vec::new();
        archive.by_index(place).ok()?.read_to_end(&mut content).ok()?;
        Some(content)
    };
    (0..bytes.len().min(1_000)).map_while(read).collect()
}

/// A text without what differs between any two requests: digits, references, secrets of links, and these words.
pub fn plain(text: &str, without: &[&str]) -> String {
    let mut text = text.to_owned();
    for word in without {
        text = text.replace(word, "[word]");
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_part) {
        let (before, word) = rest.split_at(start);
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        out.push_str(before);
        if word.len() >= 32 {
            out.push_str("[id]");
        } else if word.starts_with("HB-") {
            out.push_str("[reference]");
        } else {
            out.extend(word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_differs_anyway_is_left_out_and_nothing_else() {
        let one = "Dear a@people.test, HB-7K3M-9QTX by 2026-05-06: http://127.0.0.1:81/en/confirm/AAAAaaaaBBBBbbbbCCCCccccDDDDddddEEEEeeee123 1234 5678";
        let other = "Dear b@people.test, HB-1K3M-9QTA by 2026-05-07: http://127.0.0.1:92/en/confirm/ZAAAaaaaBBBBbbbbCCCCccccDDDDddddEEEEeeee123 8765 4321";
        assert_eq!(plain(one, &["a@people.test"]), plain(other, &["b@people.test"]));
        assert_ne!(plain(one, &["a@people.test"]), plain(&format!("{other} "), &["b@people.test"]));
    }

    #[test]
    fn a_secret_is_seen_in_a_page_and_in_an_archive() {
        for secret in SECRETS {
            assert!(holds_a_secret(format!("<p>{secret}</p>").as_bytes(), &[]), "{secret}");
            assert!(!holds_a_secret(format!("<p>{secret}</p>").as_bytes(), &[secret.to_owned()]));
        }
        assert!(!holds_a_secret(b"<p>nothing, 12424200, a4980b, and -4242-</p>", &[]));
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("data.json", zip::write::SimpleFileOptions::default()).unwrap();
        write!(archive, "[\"{}\"]", SECRETS[1]).unwrap();
        assert!(holds_a_secret(&archive.finish().unwrap().into_inner(), &[]));
    }
}
