//! People who hand in requests over the queue, and answer the mails they get.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt, TryStreamExt};
use habeas_queue::{Message, Queue, QueueName};
use habeas_test_support::{Person, SmtpSink, wait};

use crate::company::{MARK, email, new_name};

/// Longer than a broker takes that is killed or wiped meanwhile.
const CONFIRMED_WITHIN: Duration = Duration::from_mins(4);

/// How many people press buttons at once.
const AT_ONCE: usize = 16;

/// Publishes a submission per person, all for the same rights, as another system would: again with the same id
/// until the broker has confirmed it. Returns how many were handed in.
pub async fn submit(queue: &dyn Queue, people: &[u32], rights: &[&str]) -> Result<usize> {
    let intake = QueueName::new("habeas.intake")?;
    let mut left: Vec<u32> = people.to_vec();
    let deadline = Instant::now() + CONFIRMED_WITHIN;
    while !left.is_empty() {
        ensure!(Instant::now() < deadline, "{} submissions were not confirmed in time", left.len());
        let messages = left.iter().map(|person| (intake.clone(), submission(*person, rights)));
        let results = queue.publish(messages.collect()).await;
        let mut results = results.iter();
        left.retain(|_| results.next().is_none_or(Result::is_err));
    }
    Ok(people.len())
}

fn submission(person: u32, rights: &[&str]) -> Message {
    let mut body = serde_json::json!({
        "v": 1, "kind": "request.submitted", "id": format!("person-{person}-{}", rights.join("-")),
        "request": { "subject": { "email": email(person) }, "rights": rights, "regime": "eu_gdpr" },
    });
    if rights.contains(&"correction") {
        let name = serde_json::json!({ "category": "user.name", "type": "name", "value": new_name(person) });
        body["request"]["corrections"] = serde_json::json!([name]);
    }
    Message::json(format!("m-{person}"), body.to_string())
}

/// Waits for the verification mail of each person and presses the button behind its link, as often as it takes: the
/// pages may be away for a moment.
pub async fn verify(sink: &Arc<SmtpSink>, people: &[u32], limit: Duration) -> Result<()> {
    futures::stream::iter(people.iter().copied())
        .map(|person| verify_one(Arc::clone(sink), person, limit))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

async fn verify_one(sink: Arc<SmtpSink>, person: u32, limit: Duration) -> Result<()> {
    let address = email(person);
    let link = wait::value(format!("a link for {address}"), limit, || async {
        sink.mails_to(&address).iter().find_map(|mail| mail.read().ok()?.link_with("/confirm/").ok())
    })
    .await?;
    let tried = AtomicBool::new(false);
    wait::ok(format!("{address} to be verified"), limit, || async {
        let visitor = Person::new()?.at(home(person));
        let page = visitor.open(&link).await?;
        let page = page.successful()?;
        // A press counts although its answer was lost on the way: the page says so, and has no button any more.
        if page.forms().is_empty() && tried.load(Ordering::Relaxed) {
            return Ok(());
        }
        tried.store(true, Ordering::Relaxed);
        visitor.press(&page).await?.successful().map(drop)
    })
    .await
}

/// Everybody has an address of their own (RFC 5737's and RFC 2544's ranges are for such uses).
pub(crate) fn home(person: u32) -> String {
    format!("198.18.{}.{}", person / 250, person % 250 + 1)
}

/// The `Message-ID`s of the mails with a package that arrived for each person. A mail that came twice under one is one mail.
pub fn package_mails(sink: &SmtpSink) -> BTreeMap<u32, BTreeSet<String>> {
    let mut packages: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for mail in sink.mails() {
        let Ok(read) = mail.read() else { continue };
        let is_package = read.link_with("/package/").is_ok() && read.code().is_err();
        let (Some(person), Some(id)) =
            (mail.to.first().and_then(|to| number_of(to)), read.header("Message-ID"))
        else {
            continue;
        };
        if is_package {
            packages.entry(person).or_default().insert(id);
        }
    }
    packages
}

/// How many different mails arrived, for whomever.
pub fn mails_arrived(sink: &SmtpSink) -> usize {
    let all = sink.mails();
    let ids = all.iter().filter_map(|mail| mail.read().ok()?.header("Message-ID"));
    ids.collect::<BTreeSet<String>>().len()
}

/// The number in a person's address.
fn number_of(address: &str) -> Option<u32> {
    named(address).next()
}

/// Fails if any mail to a person names another person.
pub fn crossed(sink: &SmtpSink, people: &[u32]) -> Result<usize> {
    let mut crossed = 0;
    for person in people {
        for mail in sink.mails_to(&email(*person)) {
            let read = mail.read()?;
            ensure!(mail.to.len() == 1, "a mail with several recipients");
            crossed += named(&read.text).filter(|named| named != person).count();
        }
    }
    Ok(crossed)
}

/// The numbers of the people whom a text names, by any of their values.
pub(crate) fn named(text: &str) -> impl Iterator<Item = u32> {
    let text = text.to_lowercase();
    let near = |rest: &str| rest.get(..rest.floor_char_boundary(24)).unwrap_or_default().to_owned();
    let rest: Vec<String> = text.split(&MARK.to_lowercase()).skip(1).map(near).collect();
    rest.into_iter().filter_map(|rest| {
        let number = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}

/// The link to a person's package.
pub fn package_link(sink: &SmtpSink, person: u32) -> Result<String> {
    let mails = sink.mails_to(&email(person));
    let link = mails.iter().find_map(|mail| mail.read().ok()?.link_with("/package/").ok());
    link.with_context(|| format!("person {person} was sent no package"))
}
