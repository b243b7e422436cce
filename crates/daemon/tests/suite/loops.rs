//! Two companies whose daemons answer each other's mail: whatever is lost on the way, they stop.

use std::{collections::BTreeSet, time::Duration};

use habeas_test_support::wait;

use crate::house::House;

/// How often either writes to one sender because of mails.
const ANSWERS: usize = 3;

/// A request is confirmed and its person challenged: no answer is more than two mails.
const MAILS_PER_ANSWER: usize = 2;

/// A company with a daemon, a mailbox and a form.
struct Company {
    house: House,
    /// The names of the files of mails that went out and were passed on.
    passed_on: BTreeSet<String>,
    got: usize,
}

impl Company {
    async fn at(domain: &str) -> Self {
        let config = format!(
            "[mail]\nfrom_address = \"privacy@{domain}\"\n[[mailboxes]]\nname = \"privacy\"\nkind = \"folder\"\n\
             path = \"inbox\"\npoll_seconds = 1\nown_addresses = [\"privacy@{domain}\"]\n\
             answer_with_form = \"https://www.{domain}/privacy-request\"\nanswers_per_sender_per_day = {ANSWERS}\n"
        );
        Self { house: House::build(&config).await, passed_on: BTreeSet::new(), got: 0 }
    }

    fn get(&mut self, raw: &[u8]) {
        self.got += 1;
        self.house.deliver(&self.got.to_string(), raw);
    }

    /// Every mail that went out so far, by the name of its file.
    fn sent(&self) -> Vec<String> {
        let folder = std::fs::read_dir(self.house.program.path("habeas-data/mail"));
        let files = folder.into_iter().flatten().map(|file| file.unwrap().path());
        let mails = files.filter(|file| file.extension().is_some_and(|kind| kind == "eml"));
        mails.map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    /// Waits until all that came is decided, and all that follows from it is out.
    async fn quiet(&self) {
        wait::ok("the company to have nothing left to do", Duration::from_mins(1), || async {
            let mails = self.house.json(&["mail", "list", "--limit", "500"])["mails"].clone();
            let mails = mails.as_array().unwrap();
            let decided = mails.iter().filter(|mail| !mail["decided_at"].is_null()).count();
            anyhow::ensure!(decided == self.got, "{decided} of {} mails are decided", self.got);
            let answered = mails.iter().filter(|mail| !mail["answered_at"].is_null()).count();
            anyhow::ensure!(self.sent().len() >= answered, "an answer is not out yet");
            let requests = self.house.json(&["request", "list", "--open"])["requests"].clone();
            for request in requests.as_array().unwrap() {
                let waits = request["waits_for"].as_array().unwrap();
                let at_work = waits.iter().any(|wait| *wait == "worker" || *wait == "mail");
                anyhow::ensure!(!at_work, "a request waits for {waits:?}");
            }
            Ok(())
        })
        .await
        .unwrap();
    }

    /// What went out since the last call, as `gateway` lets it through.
    async fn writes(&mut self, gateway: fn(&str) -> String) -> Vec<String> {
        self.quiet().await;
        let new: Vec<String> =
            self.sent().into_iter().filter(|name| !self.passed_on.contains(name)).collect();
        self.passed_on.extend(new.iter().cloned());
        let folder = self.house.program.path("habeas-data/mail");
        new.iter().map(|name| gateway(&std::fs::read_to_string(folder.join(name)).unwrap())).collect()
    }
}

/// Says hello from one to the other, and passes mails on until there are none. Returns how many each sent.
async fn talk(hello: &str, gateway: fn(&str) -> String) -> (usize, usize) {
    let (mut one, mut other) = (Company::at("a.example").await, Company::at("b.example").await);
    let hello = format!(
        "From: <privacy@b.example>\nTo: <privacy@a.example>\nMessage-ID: <hello@b.example>\nSubject: Hello\n\n{hello}\n"
    );
    one.get(hello.as_bytes());
    loop {
        let (there, sent) = (one.writes(gateway).await, one.passed_on.len() + other.passed_on.len());
        assert!(sent <= 4 * ANSWERS * MAILS_PER_ANSWER, "{sent} mails: they write to each other for ever");
        if there.is_empty() {
            return (one.passed_on.len(), other.passed_on.len());
        }
        for mail in there {
            other.get(mail.as_bytes());
        }
        for mail in other.writes(gateway).await {
            one.get(mail.as_bytes());
        }
    }
}

fn whole(mail: &str) -> String {
    mail.to_owned()
}

/// As a careless gateway passes it on: without a word on who or what wrote it and to what.
fn stripped(mail: &str) -> String {
    let telling = ["auto-submitted:", "precedence:", "x-auto", "in-reply-to:", "references:", "return-path:"];
    let (mut kept, mut dropping, mut head) = (String::new(), false, true);
    for line in mail.lines() {
        head &= !line.is_empty();
        let folded = line.starts_with([' ', '\t']);
        dropping = head
            && if folded {
                dropping
            } else {
                telling.iter().any(|name| line.to_lowercase().starts_with(name))
            };
        if !dropping {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn two_daemons_say_one_word_to_each_other() {
    assert_eq!(talk("Good morning to all of you!", whole).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_the_name_of_the_other_is_told_to_it_and_no_more() {
    let (ones, others) = talk("Please send me a copy of my data.", whole).await;
    assert!(ones <= MAILS_PER_ANSWER && others == 0, "{ones} and {others}");
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_gateway_that_hides_what_they_are_they_stop_at_the_limit() {
    let most = ANSWERS * MAILS_PER_ANSWER;
    let (ones, others) = talk("Good morning to all of you!", stripped).await;
    assert!((1..=most).contains(&ones) && others <= most, "{ones} and {others}");
}
