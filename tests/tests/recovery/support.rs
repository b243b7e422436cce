//! A crowd with a mixed errand, and its account at the end.

use std::time::Duration;

use habeas_tests::{account::Account, house::House, people};

/// The longest that a recovery may take in all.
pub(super) const LIMIT: Duration = Duration::from_mins(4);

/// People of whom the first half leave and the others read.
pub(super) struct Crowd {
    pub(super) leavers: Vec<u32>,
    pub(super) readers: Vec<u32>,
}

impl Crowd {
    pub(super) fn of(people: u32) -> Self {
        let half = people / 2;
        Self { leavers: (1..=half).collect(), readers: (half + 1..=people).collect() }
    }

    pub(super) fn everyone(&self) -> Vec<u32> {
        self.leavers.iter().chain(&self.readers).copied().collect()
    }

    /// Hands everything in; returns how many submissions the broker confirmed.
    pub(super) async fn submit(&self, house: &House) -> usize {
        let leaving = people::submit(house.queue.as_ref(), &self.leavers, &["deletion"]).await.unwrap();
        leaving + people::submit(house.queue.as_ref(), &self.readers, &["access"]).await.unwrap()
    }

    pub(super) async fn verify(&self, house: &House) {
        people::verify(&house.sink, &self.everyone(), LIMIT).await.unwrap();
    }

    /// Hands in and verifies.
    pub(super) async fn begin(&self, house: &House) -> usize {
        let submitted = self.submit(house).await;
        self.verify(house).await;
        submitted
    }

    /// Waits for the end and settles the account.
    pub(super) async fn settle(&self, house: &House, submitted: usize, fault: &str) {
        house.finished(LIMIT).await.unwrap();
        let (accepted, ended) = house.requests().await.unwrap();
        let mut unfinished = 0;
        for person in &self.leavers {
            unfinished += usize::from(house.company.rows_of(*person).await.unwrap() != 0);
        }
        for person in &self.readers {
            let whole = house.company.rows_of(*person).await.unwrap() == 7;
            unfinished += usize::from(!whole || people::package_link(&house.sink, *person).is_err());
        }
        let account = Account {
            attempted: submitted,
            accepted,
            ended,
            lost: submitted.saturating_sub(accepted) + unfinished,
            doubled: house.company.effects_outside(&self.leavers).await.unwrap().len(),
            crossed: people::crossed(&house.sink, &self.everyone()).unwrap(),
            mails_lost: house.unsent().await.unwrap(),
        };
        account.settle(fault);
        house.run(&["audit", "verify"]).unwrap();
    }
}
