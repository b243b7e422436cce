use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono_tz::Tz;
use habeas_domain::{
    AgentTerms, Language, RegimeId, Right, approval::ApprovalPolicy, deadline::UnknownCalendar,
    verification::Level,
};

use super::Correctable;

/// What a deployment decides about submissions.
#[derive(Debug, Clone)]
pub struct ReceptionOptions {
    /// The law of a submission that names none.
    pub default_regime: RegimeId,
    /// The laws that a submission may name; all that are known if empty. A mail that names another one is taken under the
    /// default law, with a remark.
    pub regimes: BTreeSet<RegimeId>,
    /// The language of a submission that names none.
    pub default_language: Language,
    /// How long a request waits for the person to prove who they are before it lapses, counted from when it was
    /// taken. Default 30 days.
    pub lapse_after: Duration,
    /// Who must agree, where it differs from what the regime's file says.
    pub approvals: BTreeMap<RegimeId, BTreeMap<Right, ApprovalPolicy>>,
    /// How sure the company has to be of who asks, where it differs from what the regime's file says.
    pub levels: BTreeMap<RegimeId, BTreeMap<Right, Level>>,
    /// On which terms the requests of agents are taken, where the regime's file does not say otherwise.
    pub agents: AgentTerms,
    /// Whose midnight ends a day, for every regime; nothing leaves each regime its own.
    pub time_zone: Option<Tz>,
    /// What the stores let a correction change; nothing if that is not known, and then any correction is taken.
    pub correctable: Option<Correctable>,
}

impl ReceptionOptions {
    /// The defaults, for submissions under `default_regime`.
    pub fn new(default_regime: RegimeId) -> Self {
        Self {
            default_regime,
            regimes: BTreeSet::new(),
            default_language: Language::default(),
            lapse_after: Duration::from_hours(30 * 24),
            approvals: BTreeMap::new(),
            levels: BTreeMap::new(),
            agents: AgentTerms::default(),
            time_zone: None,
            correctable: None,
        }
    }
}

/// Options that do not fit the regimes. Trying again never helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceptionError {
    /// The default regime is not there.
    #[error("the default regime {regime} is not known; use one of: {known}")]
    UnknownDefault {
        /// What was named.
        regime: RegimeId,
        /// What could be.
        known: String,
    },
    /// The default regime is not among those that a submission may name.
    #[error(
        "the default regime {regime} is not among the regimes that requests are taken under; add it to them"
    )]
    DefaultNotTaken {
        /// What was named.
        regime: RegimeId,
    },
    /// A regime that a submission may name is not there.
    #[error("requests are to be taken under the regime {regime}, which is not known; use some of: {known}")]
    UnknownTaken {
        /// What was named.
        regime: RegimeId,
        /// What could be.
        known: String,
    },
    /// A policy is set for a regime that is not there.
    #[error("a policy is set for the regime {regime}, which is not known; use one of: {known}")]
    UnknownRegime {
        /// Where.
        table: PolicyTable,
        /// What was named.
        regime: RegimeId,
        /// What could be.
        known: String,
    },
    /// A policy is set for a right that the regime does not offer.
    #[error("a policy is set for {right}, which {regime} does not offer; leave it out")]
    NotOffered {
        /// Where.
        table: PolicyTable,
        /// The regime.
        regime: RegimeId,
        /// The right.
        right: Right,
    },
    /// A level is set that has no effect.
    #[error(
        "{right} is set to {} under {regime}, and {other}, which hands out a copy of the same data, takes {}; set both to the same level",
        .set.as_str(), Level::High.as_str()
    )]
    OtherDoor {
        /// The regime.
        regime: RegimeId,
        /// The right.
        right: Right,
        /// What it is set to.
        set: Level,
        /// The other right.
        other: Right,
    },
    /// A regime names a calendar that is not there.
    #[error(transparent)]
    Calendar(#[from] UnknownCalendar),
}

/// A table of policies by regime and right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyTable {
    /// Who must agree.
    Approvals,
    /// How sure the company has to be.
    Levels,
}
