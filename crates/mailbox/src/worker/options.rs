use std::{collections::BTreeMap, time::Duration};

use habeas_domain::{EmailAddress, Language};

use super::Laws;

/// How mails of one mailbox are acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxRules {
    /// Whether a mail that asks for nothing is answered with the address of the form.
    pub answer_non_requests: bool,
    /// How often one sender is written to in 24 hours because of mails. What comes beyond waits for staff.
    pub answers_per_day: u64,
    /// How many strangers are written to within an hour because of mails: senders of whom it is not known that their domain
    /// stands behind the mail. What comes beyond waits for staff, so that a flood of forged mails makes nothing leave.
    pub strangers_per_hour: u64,
    /// The addresses of the mailbox itself: mails from them are our own.
    pub own_addresses: Vec<EmailAddress>,
}

impl Default for MailboxRules {
    fn default() -> Self {
        Self {
            answer_non_requests: false,
            answers_per_day: 5,
            strangers_per_hour: 200,
            own_addresses: Vec::new(),
        }
    }
}

/// How mails are acted on.
#[derive(Debug, Clone)]
pub struct ActOptions {
    /// By mailbox; one that is not named has the default.
    pub mailboxes: BTreeMap<String, MailboxRules>,
    /// The laws by which a mail that waits for staff has its last day.
    pub laws: Laws,
    /// The language to answer in where a mail's cannot be told.
    pub language: Language,
    /// How many mails are claimed at once.
    pub group: u64,
    /// How many of them are read at once.
    pub parallel: usize,
    /// How long a dead process's mails wait for another one.
    pub lease: Duration,
    /// Between two looks when nobody rings.
    pub poll: Duration,
    /// How often the reading of a mail may begin and not come to an end before it is parked. Waiting for something that does
    /// not answer is no attempt.
    pub attempts: u32,
    /// The first delay before a mail is tried again; each further one is twice as long.
    pub retry: Duration,
    /// How often a mail is put off because name servers did not answer about its sender, before it is acted on without.
    pub lookups: u32,
}

impl Default for ActOptions {
    fn default() -> Self {
        Self {
            mailboxes: BTreeMap::new(),
            laws: Laws::default(),
            language: Language::default(),
            group: 32,
            parallel: 4,
            lease: Duration::from_secs(6),
            poll: Duration::from_secs(2),
            attempts: 8,
            retry: Duration::from_secs(2),
            lookups: 3,
        }
    }
}
