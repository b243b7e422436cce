use std::time::Duration;

/// How long proofs last and how often they may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerificationOptions {
    /// How long a link works. Default 24 hours.
    pub link_life: Duration,
    /// How long the link of a child's guardian works. Default 7 days.
    pub guardian_life: Duration,
    /// How long a code works. Default 10 minutes.
    pub code_life: Duration,
    /// How often one code may be tried. Default 5.
    pub tries: u32,
    /// How many codes a request may be sent in 24 hours to prove an identity, the first included. Default 3.
    pub codes_a_day: u64,
    /// How many codes may be sent in 24 hours to fetch a package by one link. When they are used up somebody else has the link:
    /// it ends, and a new one is mailed. Default 6.
    pub download_codes_a_day: u64,
    /// How many codes a person may be sent by text message in 24 hours, over all of their requests. Default 3.
    pub phone_codes_a_day: u64,
    /// How many codes of one kind a person may type in 24 hours, over all of their requests. Default 20.
    pub code_tries_a_day: u64,
    /// How often a person may answer questions about recent dealings in 24 hours, over all of their requests; right answers
    /// are not counted. Default 3.
    pub answers_a_day: u64,
    /// After how many wrong answers in 30 days, over all of their requests, a person proves themselves in another way.
    /// Default 9.
    pub wrong_answers_a_month: u64,
    /// For how long after somebody opened a package of a person the answers about recent dealings, which it shows, prove nothing.
    /// Default 90 days.
    pub disclosed_for: Duration,
    /// How often a person may name something else that they are known by in 24 hours, over all of their requests; and how
    /// often an address on file is sent a code because somebody named it. Default 3.
    pub other_identifiers_a_day: u64,
    /// How long the permission to fetch a package outlives the code that gave it. Default 15 minutes.
    pub grant_life: Duration,
    /// The time between two people who are written to for one agent. Default 1 second.
    pub agent_pace: Duration,
    /// For how long after the earliest beginning of a deletion the link that objects to it still tells staff. Default
    /// 30 days.
    pub stop_life: Duration,
    /// The shortest time in which a page hears about a code, so that the time taken tells nothing. It should be
    /// longer than hashing a code and storing a mail takes. Default 400 milliseconds.
    pub answer_after: Duration,
    /// The longest time a page waits. Default 10 seconds.
    pub answer_within: Duration,
}

impl Default for VerificationOptions {
    fn default() -> Self {
        Self {
            link_life: Duration::from_hours(24),
            guardian_life: Duration::from_hours(24 * 7),
            code_life: Duration::from_mins(10),
            tries: 5,
            codes_a_day: 3,
            download_codes_a_day: 6,
            phone_codes_a_day: 3,
            code_tries_a_day: 20,
            answers_a_day: 3,
            wrong_answers_a_month: 9,
            disclosed_for: Duration::from_hours(24 * 90),
            other_identifiers_a_day: 3,
            grant_life: Duration::from_mins(15),
            agent_pace: Duration::from_secs(1),
            stop_life: Duration::from_hours(24 * 30),
            answer_after: Duration::from_millis(400),
            answer_within: Duration::from_secs(10),
        }
    }
}
