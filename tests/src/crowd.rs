//! A crowd with a mixed errand, and its account at the end.

use std::{ops::RangeInclusive, time::Duration};

use anyhow::Result;

use crate::{account::Account, house::House, people};

/// The longest that a recovery may take in all.
pub const LIMIT: Duration = Duration::from_mins(4);

/// People of whom the first half leave and the others read.
#[derive(Debug, Clone)]
pub struct Crowd {
    /// Who wants to be deleted.
    pub leavers: Vec<u32>,
    /// Who wants a copy.
    pub readers: Vec<u32>,
}

impl Crowd {
    /// The first so many people.
    pub fn of(people: u32) -> Self {
        Self::among(1..=people)
    }

    /// The people with these numbers.
    pub fn among(people: RangeInclusive<u32>) -> Self {
        let (first, last) = people.into_inner();
        let half = first + (last + 1 - first) / 2;
        Self { leavers: (first..half).collect(), readers: (half..=last).collect() }
    }

    /// All of them.
    pub fn everyone(&self) -> Vec<u32> {
        self.leavers.iter().chain(&self.readers).copied().collect()
    }

    /// Hands everything in; returns how many submissions the broker confirmed.
    pub async fn submit(&self, house: &House) -> Result<usize> {
        let leaving = people::submit(house.queue.as_ref(), &self.leavers, &["deletion"]).await?;
        Ok(leaving + people::submit(house.queue.as_ref(), &self.readers, &["access"]).await?)
    }

    /// Everybody answers the first mail.
    pub async fn verify(&self, house: &House) -> Result<()> {
        people::verify(&house.sink, &self.everyone(), LIMIT).await
    }

    /// Hands in and verifies.
    pub async fn begin(&self, house: &House) -> Result<usize> {
        let submitted = self.submit(house).await?;
        self.verify(house).await?;
        Ok(submitted)
    }

    /// Waits for the end and gives the account; the audit trail must be whole.
    pub async fn account(&self, house: &House, submitted: usize, limit: Duration) -> Result<Account> {
        house.finished(limit).await?;
        let (accepted, ended) = house.requests().await?;
        let mut unfinished = 0;
        for person in &self.leavers {
            unfinished += usize::from(house.company.rows_of(*person).await? != 0);
        }
        for person in &self.readers {
            let whole = house.company.rows_of(*person).await? == house.company.rows_each();
            unfinished += usize::from(!whole || people::package_link(&house.sink, *person).is_err());
        }
        house.run(&["audit", "verify"])?;
        Ok(Account {
            attempted: submitted,
            accepted,
            ended,
            lost: submitted.saturating_sub(accepted) + unfinished,
            doubled: house.company.effects_outside(&self.leavers).await?.len(),
            crossed: people::crossed(&house.sink, &self.everyone())?,
            silent: house.silent().await?,
            mails_lost: house.unsent().await?,
        })
    }

    /// Waits for the end and settles the account: fails unless nothing was lost, doubled, crossed or silent.
    pub async fn settle(&self, house: &House, submitted: usize, fault: &str) -> Result<()> {
        self.account(house, submitted, LIMIT).await?.settle(fault)
    }
}
