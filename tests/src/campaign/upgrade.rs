//! A rolling upgrade under load: the release before is at work, the program under test migrates the state database, and
//! takes over one process after another.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    account::Account,
    crowd::Crowd,
    house::{ALL, House, Plan},
    people,
};

/// How large a campaign is.
#[derive(Debug, Clone)]
pub struct Size {
    /// The program of the release before.
    pub before: PathBuf,
    /// Requests handed in at each stage: before the migration, after it, and when the first process is replaced.
    pub each: u32,
    /// The longest that the whole may take.
    pub limit: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// The account of all requests.
    pub account: Account,
    /// The kinds of work that took more than one attempt, which no shutdown may cost.
    pub tried_again: Vec<(String, i64)>,
}

impl Report {
    /// The figures.
    pub fn figures(&self) -> Value {
        json!({ "account": self.account.figures(), "tried_again": self.tried_again })
    }

    /// Whether nothing was lost, doubled, crossed or silent, and no attempt was charged.
    pub fn is_settled(&self) -> bool {
        self.account.is_settled() && self.tried_again.is_empty()
    }
}

/// Runs the campaign.
pub async fn run(size: Size) -> Result<Report> {
    let Size { before, each, limit } = size;
    let plan = Plan {
        people: each * 3,
        every_kind_of_store: true,
        processes: vec![ALL, "intake,verification,fulfilment,notification,housekeeping"],
        program: Some(before),
        ..Plan::default()
    };
    let mut house = House::build(plan).await?;
    let wave = |stage: u32| Crowd::among(stage * each + 1..=(stage + 1) * each);
    let mut answering = JoinSet::new();
    let mut submitted = 0;
    for stage in 0..3 {
        let crowd = wave(stage);
        submitted += crowd.submit(&house).await?;
        let (sink, everyone) = (house.sink.clone(), crowd.everyone());
        answering.spawn(async move { people::verify(&sink, &everyone, limit).await });
        match stage {
            0 => house.migrate_to_the_program_under_test()?,
            stage => house.replace(stage as usize - 1, limit).await?,
        }
    }
    while let Some(answered) = answering.join_next().await {
        answered??;
    }
    let all = (0..3).fold(Crowd::default(), |all, stage| all.and(wave(stage)));
    let account = all.account(&house, submitted, limit).await?;
    Ok(Report { account, tried_again: house.tried_again().await? })
}
