//! When the person of an agent's request is written to: one after another, at a pace, so that one agent's thousand
//! requests hold up nobody else's; and not at all before the agent has shown who they are.

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::AgentTerms;

use crate::{clock, entity::agent};

/// When work is due that waits for something other than the clock: at the end of the year 9999.
pub(super) const NEVER: i64 = 253_402_300_799_000_000;

/// How long a mailed link of an agent is waited for before the next request has another one mailed.
const PATIENCE: TimeDelta = TimeDelta::hours(24);

/// Whether the agent has shown lately that their address is theirs.
pub(super) fn is_known(agent: &agent::Model, terms: &AgentTerms, now: DateTime<Utc>) -> bool {
    agent.proven_at.is_some_and(|at| now - clock::moment(at) < terms.proof_life)
}

/// The next turn of this agent: nothing if it is now.
pub(super) fn next_turn(
    agent: &mut agent::Model,
    pace: TimeDelta,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let now = clock::stored(now);
    let turn = agent.paced_until.max(now);
    agent.paced_until = turn.saturating_add(pace.num_microseconds().unwrap_or(0));
    (turn > now).then(|| clock::moment(turn))
}

/// Whether an agent who is not known has to be mailed a link now; noted, so that the next request does not ask again.
pub(super) fn has_to_be_asked(agent: &mut agent::Model, now: DateTime<Utc>) -> bool {
    let asked = agent.challenged_at.is_some_and(|at| now - clock::moment(at) < PATIENCE);
    if !asked {
        agent.challenged_at = Some(clock::stored(now));
    }
    !asked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> agent::Model {
        agent::Model {
            id: uuid::Uuid::nil(),
            lookup: Vec::new(),
            first_seen_at: 0,
            barred_at: None,
            proven_at: None,
            challenged_at: None,
            paced_until: 0,
            reason: None,
            mandates_refused: 0,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[test]
    fn turns_follow_one_another_and_an_idle_agent_waits_for_nothing() {
        let mut agent = agent();
        let second = TimeDelta::seconds(1);
        let mut next = |now| next_turn(&mut agent, second, now);
        assert_eq!(next(now()), None);
        assert_eq!(next(now()), Some(now() + second));
        assert_eq!(next(now()), Some(now() + second * 2));
        assert_eq!(next(now() + second * 2), Some(now() + second * 3));
        assert_eq!(next(now() + TimeDelta::hours(1)), None, "nothing is owed for the time before");
    }

    #[test]
    fn a_proof_holds_for_its_life_and_an_agent_is_asked_once_a_day() {
        let (mut agent, terms) = (agent(), AgentTerms::default());
        assert!(!is_known(&agent, &terms, now()));
        agent.proven_at = Some(clock::stored(now()));
        assert!(is_known(&agent, &terms, now() + TimeDelta::days(29)));
        assert!(!is_known(&agent, &terms, now() + TimeDelta::days(30)));
        assert!(has_to_be_asked(&mut agent, now()));
        assert!(!has_to_be_asked(&mut agent, now() + TimeDelta::hours(23)));
        assert!(has_to_be_asked(&mut agent, now() + TimeDelta::hours(24)));
    }

    #[test]
    fn never_is_a_moment_that_can_be_written() {
        assert_eq!(clock::moment(NEVER).to_rfc3339(), "9999-12-31T23:59:59+00:00");
    }
}
