//! `[workers]`

use std::{num::NonZeroU32, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Role, finding::Findings};

/// Which workers run in this process, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Workers {
    /// What this process does; `habeas serve --roles` goes before it. With the embedded queue, everything.
    pub roles: Vec<Role>,
    /// How long a drain waits for running work before it hands it back.
    #[schemars(range(max = 86_400))]
    pub drain_seconds: NonZeroU32,
    /// Between two rounds of those who announce due work that nobody holds, and take over the work of dead workers.
    #[schemars(range(max = 86_400))]
    pub reconcile_seconds: NonZeroU32,
    /// Takes submissions from the public queue.
    pub intake: Doorway,
    /// Makes challenges.
    pub challenge: Lane,
    /// Finds a person's keys.
    pub resolve: Lane,
    /// Works in the stores: as many groups at once for each store.
    pub task: Lane,
    /// Assembles packages, writes receipts, ends jobs.
    pub conclude: Lane,
    /// Sends mails.
    pub mail: Lane,
}

/// How submissions are taken from the public queue. Nothing is retried here: what cannot be taken yet stays in its queue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Doorway {
    /// How many groups are taken at once.
    #[schemars(range(max = 1000))]
    pub parallel: NonZeroU32,
    /// How many submissions are taken together.
    #[schemars(range(max = 10_000))]
    pub group: NonZeroU32,
}

impl Default for Doorway {
    fn default() -> Self {
        Self { parallel: number(2), group: number(50) }
    }
}

/// How one kind of work is done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lane {
    /// How many groups run at once.
    #[schemars(range(max = 1000))]
    pub parallel: NonZeroU32,
    /// How many pieces of work run together.
    #[schemars(range(max = 10_000))]
    pub group: NonZeroU32,
    /// How long a dead worker's work waits for another one.
    #[schemars(range(max = 86_400))]
    pub lease_seconds: NonZeroU32,
    /// The first delay of a retry; each further one is twice as long.
    #[schemars(range(max = 86_400))]
    pub retry_first_seconds: NonZeroU32,
    /// The longest delay of a retry.
    #[schemars(range(max = 604_800))]
    pub retry_longest_seconds: NonZeroU32,
    /// How many attempts before work is parked for ops.
    #[schemars(range(max = 1000))]
    pub attempts: NonZeroU32,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            parallel: number(2),
            group: number(50),
            lease_seconds: number(6),
            retry_first_seconds: number(1),
            retry_longest_seconds: number(300),
            attempts: number(8),
        }
    }
}

impl Default for Workers {
    fn default() -> Self {
        Self {
            roles: Role::ALL.to_vec(),
            drain_seconds: number(25),
            reconcile_seconds: number(1),
            intake: Doorway::default(),
            challenge: Lane::default(),
            resolve: Lane::default(),
            task: Lane::default(),
            conclude: Lane::default(),
            mail: Lane::default(),
        }
    }
}

impl Lane {
    /// How long a dead worker's work waits for another one.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.get().into())
    }
}

impl Workers {
    /// Whether this process does everything.
    pub fn all_roles(&self) -> bool {
        Role::ALL.iter().all(|role| self.roles.contains(role))
    }

    pub(crate) fn check(&self, findings: &mut Findings) {
        if self.roles.is_empty() {
            findings.add("workers.roles", "names no role", "name at least one, or leave it out for all");
        }
        let lanes = [
            ("challenge", self.challenge),
            ("resolve", self.resolve),
            ("task", self.task),
            ("conclude", self.conclude),
            ("mail", self.mail),
        ];
        for (name, lane) in lanes {
            if lane.retry_first_seconds > lane.retry_longest_seconds {
                findings.add(
                    &format!("workers.{name}.retry_first_seconds"),
                    "longer than the longest delay",
                    format!("set it to at most retry_longest_seconds ({})", lane.retry_longest_seconds),
                );
            }
        }
    }
}

/// A number that is not zero.
pub(crate) fn number(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}
