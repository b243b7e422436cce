use std::{num::NonZeroU32, time::Duration};

use habeas_domain::Bilingual;

/// How the pages look and behave.
#[derive(Debug, Clone)]
pub struct ConsoleOptions {
    /// The company, as it stands in a sentence; nothing if it shall not be named.
    pub controller: Option<Bilingual>,
    /// Where a person gets help: a mail address.
    pub contact: String,
    /// Whose time of day is shown.
    pub time_zone: chrono_tz::Tz,
    /// How long a code works that the desk has mailed; shown to the person.
    pub code_life: Duration,
    /// How long the desk lets a person start a download after the right code; shown to them.
    pub grant_life: Duration,
    /// The longest that an answer may take to begin.
    pub time_limit: Duration,
    /// The longest that handing in a file may take.
    pub upload_limit: Duration,
    /// Answers that judge a code or order a mail take a whole multiple of this, whatever they did.
    pub answer_step: Duration,
    /// How often pages may be asked for.
    pub limits: RateLimits,
}

/// Calls per minute; as many may come at once.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    /// Pages looked at from one address (IPv4) or one /64 (IPv6).
    pub looks_per_client: NonZeroU32,
    /// Buttons pressed from one address.
    pub posts_per_client: NonZeroU32,
    /// Buttons pressed on one link.
    pub posts_per_link: NonZeroU32,
}

impl Default for RateLimits {
    fn default() -> Self {
        let number = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self { looks_per_client: number(120), posts_per_client: number(30), posts_per_link: number(12) }
    }
}

impl ConsoleOptions {
    /// The usual behaviour, for a company that is reached at `contact`.
    pub fn new(contact: impl Into<String>) -> Self {
        Self {
            controller: None,
            contact: contact.into(),
            time_zone: chrono_tz::UTC,
            code_life: Duration::from_mins(10),
            grant_life: Duration::from_mins(15),
            time_limit: Duration::from_secs(15),
            upload_limit: Duration::from_mins(3),
            answer_step: Duration::from_millis(250),
            limits: RateLimits::default(),
        }
    }
}
