//! A crowd with a mixed errand, and its account at the end.

use std::{collections::BTreeSet, ops::RangeInclusive, time::Duration};

use anyhow::Result;
use futures::{StreamExt, TryStreamExt};

use crate::{
    account::{Account, Findings},
    company::Company,
    house::House,
    opened::Opened,
    people,
};

/// The longest that a recovery may take in all.
pub const LIMIT: Duration = Duration::from_mins(4);

/// How many packages are fetched and opened at the most: each is a mail, a code and a download.
const OPENED: usize = 40;

/// How many are fetched at once.
const AT_ONCE: usize = 8;

/// People of whom the first half leave; of the others each fourth has their name corrected, and the rest read.
#[derive(Debug, Clone, Default)]
pub struct Crowd {
    /// Who wants to be deleted.
    pub leavers: Vec<u32>,
    /// Who wants a copy.
    pub readers: Vec<u32>,
    /// Whose name is to be corrected.
    pub renamed: Vec<u32>,
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
        let (renamed, readers) = (half..=last).partition(|person| (last - person) % 4 == 1);
        Self { leavers: (first..half).collect(), readers, renamed }
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.leavers.extend(other.leavers);
        self.readers.extend(other.readers);
        self.renamed.extend(other.renamed);
        self
    }

    /// All of them.
    pub fn everyone(&self) -> Vec<u32> {
        [self.leavers.as_slice(), &self.readers, &self.renamed].concat()
    }

    /// Hands everything in; returns how many submissions the broker confirmed.
    pub async fn submit(&self, house: &House) -> Result<usize> {
        let queue = house.queue.as_ref();
        let (all, provided): (Vec<u32>, Vec<u32>) = self.readers.iter().partition(|person| *person % 3 != 0);
        let mut confirmed = people::submit(queue, &self.leavers, &["deletion"]).await?;
        confirmed += people::submit(queue, &all, &["access"]).await?;
        confirmed += people::submit(queue, &provided, &["portability"]).await?;
        Ok(confirmed + people::submit(queue, &self.renamed, &["correction"]).await?)
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
        let packages = people::package_mails(&house.sink);
        let mut findings = Findings::default();
        self.look_at_the_stores(&house.company, &mut findings).await?;
        for reader in &self.readers {
            let found = packages.get(reader).map_or(0, BTreeSet::len);
            findings.count_of_one(found, format_args!("the mail with the package of person {reader}"));
        }
        findings.crossed += people::crossed(&house.sink, &self.everyone())?;
        self.open_packages(house, &mut findings).await?;
        // The codes for the packages are mails, too.
        house.finished(limit).await?;
        findings.doubled += house.jobs_told_otherwise_than_once().await?;
        findings.compare_mails(house.mails_sent().await?, people::mails_arrived(&house.sink));
        house.run(&["audit", "verify"])?;
        Ok(Account::of(submitted, accepted, ended, findings, house.silent().await?))
    }

    /// Every effect is there, none twice, and none at anybody else's.
    async fn look_at_the_stores(&self, company: &Company, findings: &mut Findings) -> Result<()> {
        for leaver in &self.leavers {
            let rows = company.rows_of(*leaver).await?;
            findings.require(rows == 0, format_args!("the deletion of person {leaver}, who has {rows} rows"));
        }
        for stays in self.readers.iter().chain(&self.renamed) {
            let rows = company.rows_of(*stays).await?;
            let whole = rows == company.rows_each();
            findings.require(whole, format_args!("rows of person {stays}, who stays and has {rows}"));
        }
        for renamed in &self.renamed {
            let is_renamed = company.is_renamed(*renamed).await?;
            findings.require(is_renamed, format_args!("the new name of person {renamed}"));
        }
        findings.doubled += company.effects_outside(&self.leavers, &self.renamed).await?.len();
        Ok(())
    }

    /// Readers fetch what they were sent, evenly chosen if they are many: it is theirs, whole, and nobody else's.
    async fn open_packages(&self, house: &House, findings: &mut Findings) -> Result<()> {
        let every = self.readers.len().div_ceil(OPENED).max(1);
        let opened: Vec<Opened> = futures::stream::iter(self.readers.iter().copied().step_by(every))
            .map(|reader| Opened::fetch(&house.sink, reader, LIMIT))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for one in &opened {
            findings.require(one.is_whole(&house.company), format_args!("a value in {}", one.whose()));
        }
        findings.crossed += opened.iter().map(Opened::of_others).sum::<usize>();
        Ok(())
    }

    /// Waits for the end and settles the account: fails unless nothing was lost, doubled, crossed or silent.
    pub async fn settle(&self, house: &House, submitted: usize, fault: &str) -> Result<()> {
        self.account(house, submitted, LIMIT).await?.settle(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_of_four_has_every_errand() {
        let crowd = Crowd::of(4);
        assert_eq!((crowd.leavers, crowd.readers, crowd.renamed), (vec![1, 2], vec![4], vec![3]));
        assert_eq!(Crowd::of(40).everyone().len(), 40);
    }
}
