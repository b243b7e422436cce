//! What the state database says.

use std::time::Duration;

use anyhow::{Context as _, Result};
use habeas_domain::RequestState;
use habeas_test_support::wait;

use super::House;

/// How a piece of work is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which piece of work.
    pub work: String,
    /// How often it has been claimed.
    pub claims: i64,
    /// Until when its lease holds, in microseconds since 1970.
    pub until: i64,
    /// Whether somebody works on it.
    pub running: bool,
}

impl Held {
    fn read((work, claims, until, running): (String, i64, i64, bool)) -> Self {
        Self { work, claims, until, running }
    }
}

impl House {
    /// How many requests are in each state.
    pub async fn states(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT state, count(*) FROM request GROUP BY state ORDER BY state";
        Ok(sqlx::query_as(sql).fetch_all(&self.state).await?)
    }

    /// How many requests there are, and how many of them have ended.
    pub async fn requests(&self) -> Result<(usize, usize)> {
        let sql = "SELECT count(*), count(closed_at) FROM request";
        let (all, closed): (i64, i64) = sqlx::query_as(sql).fetch_one(&self.state).await?;
        Ok((usize::try_from(all)?, usize::try_from(closed)?))
    }

    /// Waits until so many requests are there.
    pub async fn accepted(&self, count: usize, limit: Duration) -> Result<()> {
        let taken = wait::until(format!("{count} requests to be taken"), limit, || async {
            self.requests().await.is_ok_and(|(all, _)| all >= count)
        })
        .await;
        match taken {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.situation().await?)),
        }
    }

    /// Waits until every request has ended and every mail is out.
    pub async fn finished(&self, limit: Duration) -> Result<()> {
        let done = wait::until("every request to end and every mail to be out", limit, || async {
            let open = "SELECT (SELECT count(*) FROM request WHERE closed_at IS NULL)
                + (SELECT count(*) FROM mail WHERE state <> 'sent')";
            sqlx::query_scalar::<_, i64>(open).fetch_one(&self.state).await.is_ok_and(|open| open == 0)
        })
        .await;
        match done {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.situation().await?)),
        }
    }

    /// Waits until somebody is past their verification: work may be begun and done between two looks, this stays so.
    pub async fn some_verified(&self, limit: Duration) -> Result<()> {
        let waits = RequestState::AwaitingVerification.as_str();
        let verified = wait::until("some to be verified", limit, || async {
            self.states().await.is_ok_and(|states| states.iter().any(|(state, _)| state != waits))
        })
        .await;
        match verified {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.situation().await?)),
        }
    }

    /// Waits until somebody works on something. What is under way can end while one waits: people must still be coming.
    pub async fn under_way(&self, limit: Duration) -> Result<()> {
        let busy = wait::until("work to be under way", limit, || async {
            self.held().await.is_ok_and(|held| !held.is_empty())
        })
        .await;
        match busy {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.situation().await?)),
        }
    }

    /// How many mails that came in are in this state.
    pub async fn mails_in(&self, state: &str) -> Result<usize> {
        let sql = "SELECT count(*) FROM received_mail WHERE state = $1";
        let count: i64 = sqlx::query_scalar(sql).bind(state).fetch_one(&self.state).await?;
        Ok(usize::try_from(count)?)
    }

    /// How many mails are sent, by the record.
    pub async fn mails_sent(&self) -> Result<usize> {
        Ok(usize::try_from(self.count("SELECT count(*) FROM mail WHERE state = 'sent'").await?)?)
    }

    /// How many ended jobs have another number of mails about their end than one.
    pub async fn jobs_told_otherwise_than_once(&self) -> Result<usize> {
        let sql = "SELECT count(*) FROM job WHERE state = 'ended' AND 1 <> (SELECT count(*) FROM mail
            WHERE mail.job_id = job.id AND mail.kind LIKE 'job-%' AND mail.kind <> 'job-delayed')";
        Ok(usize::try_from(self.count(sql).await?)?)
    }

    /// How many requests came within 72 hours of their last day, or past it, without an alarm.
    pub async fn silent(&self) -> Result<usize> {
        let sql = "SELECT count(*) FROM request WHERE alerts = 0 AND LEAST(alert_at, due_at) - 72 * 3600 * 1000000::bigint
            < coalesce(closed_at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)";
        Ok(usize::try_from(self.count(sql).await?)?)
    }

    /// How many requests an alarm about their legal date was raised for.
    pub async fn alarms(&self) -> Result<usize> {
        let sql = "SELECT count(DISTINCT request_id) FROM audit WHERE event = 'near-due'";
        Ok(usize::try_from(self.count(sql).await?)?)
    }

    /// What everything waits for, for the message of a failed test.
    pub async fn situation(&self) -> Result<String> {
        let work: Vec<(String, String, Option<String>, i64)> = sqlx::query_as(
            "SELECT kind, state, fault_code, count(*) FROM work WHERE state <> 'done' GROUP BY 1, 2, 3",
        )
        .fetch_all(&self.state)
        .await
        .context("reading the situation")?;
        let logs: Vec<String> = self
            .processes
            .iter()
            .filter_map(|process| process.output().ok())
            .map(|output| output.chars().rev().take(4_000).collect::<String>().chars().rev().collect())
            .collect();
        Ok(format!("requests {:?}; work {work:?}\n{}", self.states().await?, logs.join("\n---\n")))
    }

    /// The outcome of the jobs of this right.
    pub async fn outcomes(&self, right: &str) -> Result<Vec<(Option<String>, i64)>> {
        let sql = "SELECT outcome, count(*) FROM job WHERE \"right\" = $1 GROUP BY 1 ORDER BY 1";
        Ok(sqlx::query_as(sql).bind(right).fetch_all(&self.state).await?)
    }

    async fn count(&self, sql: &'static str) -> Result<i64> {
        Ok(sqlx::query_scalar(sql).fetch_one(&self.state).await?)
    }

    /// How often mails have been tried, all together.
    pub async fn mail_attempts(&self) -> Result<i64> {
        self.count("SELECT coalesce(sum(attempts), 0)::bigint FROM work WHERE kind = 'mail'").await
    }

    /// How much work is leased right now.
    pub async fn running_work(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM work WHERE state = 'running' AND kind = 'task'").await
    }

    /// Everything that somebody works on right now.
    pub async fn held(&self) -> Result<Vec<Held>> {
        let sql = "SELECT id::text, lease_epoch, lease_until, true FROM work WHERE state = 'running'";
        let rows = sqlx::query_as(sql).fetch_all(&self.state).await?;
        Ok(rows.into_iter().map(Held::read).collect())
    }

    /// How these pieces of work are held by now.
    pub async fn held_now(&self, work: &[String]) -> Result<Vec<Held>> {
        let sql = "SELECT id::text, lease_epoch, coalesce(lease_until, 0), state = 'running' FROM work
            WHERE id = ANY($1::text[]::uuid[])";
        let rows = sqlx::query_as(sql).bind(work).fetch_all(&self.state).await?;
        Ok(rows.into_iter().map(Held::read).collect())
    }

    /// The stores with tasks in any of these states.
    pub async fn stores_with(&self, states: &[&str]) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT store FROM work WHERE kind = 'task' AND state = ANY($1) ORDER BY store";
        Ok(sqlx::query_scalar(sql).bind(states).fetch_all(&self.state).await?)
    }

    /// How many announcements wait to be published.
    pub async fn outbox(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM outbox").await
    }

    /// The kinds of work that took more than one attempt, with the most that any took.
    pub async fn tried_again(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT kind, max(attempts)::bigint FROM work WHERE attempts > 1 GROUP BY 1";
        Ok(sqlx::query_as(sql).fetch_all(&self.state).await?)
    }

    /// How much work bears a fault.
    pub async fn faults(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM work WHERE fault_code IS NOT NULL").await
    }

    /// The requests that have ended, and how long each took from being verified to its end.
    pub async fn times_to_the_end(&self) -> Result<Vec<(String, Duration)>> {
        let sql = "SELECT id::text, closed_at - verified_at FROM request
            WHERE closed_at IS NOT NULL AND verified_at IS NOT NULL";
        let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(&self.state).await?;
        Ok(rows.into_iter().map(|(id, took)| (id, Duration::from_micros(took.unsigned_abs()))).collect())
    }

    /// How many tasks wait for ops.
    pub async fn parked_tasks(&self) -> Result<usize> {
        let sql = "SELECT count(*) FROM work WHERE kind = 'task' AND state = 'parked'";
        Ok(usize::try_from(self.count(sql).await?)?)
    }

    /// How many jobs wait for ops.
    pub async fn stalled(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM job WHERE state = 'stalled'").await
    }

    /// The tasks that workers hold right now and have gone to work on in their stores, and how often each has been claimed.
    pub async fn entered_tasks(&self) -> Result<Vec<(String, i64)>> {
        let sql =
            "SELECT id::text, lease_epoch FROM work WHERE state = 'running' AND kind = 'task' AND entered";
        Ok(sqlx::query_as(sql).fetch_all(&self.state).await?)
    }

    /// How often that work has been claimed.
    pub async fn claims(&self, work: &str) -> Result<i64> {
        let sql = "SELECT lease_epoch FROM work WHERE id::text = $1";
        Ok(sqlx::query_scalar(sql).bind(work).fetch_one(&self.state).await?)
    }
}
