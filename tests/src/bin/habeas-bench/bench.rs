//! The runs, one after the other.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use habeas_tests::memory;
use serde_json::{Value, json};

use crate::{
    argon,
    cpu::Cpu,
    crowd::Crowd,
    floor, history,
    options::Options,
    rounded, shop,
    site::Site,
    statements::{self, Statements},
    wave::{self, Press, Took, percentile},
};

/// How often it is looked whether everything has come to rest.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(crate) struct Bench {
    options: Options,
    site: Site,
    crowd: Crowd,
    /// The first person that no deletion has used up.
    next: u32,
}

impl Bench {
    pub(crate) async fn open(options: Options) -> Result<Self> {
        say(&format!("starting servers, filling the store with {} people", options.people));
        let site = Site::open(options.people).await?;
        let crowd = Crowd::new(site.sink.clone(), site.queue.clone())?;
        Ok(Self { options, site, crowd, next: 1 })
    }

    /// Everything, as one document.
    pub(crate) async fn run(&mut self) -> Result<Value> {
        let argon2id = argon::measure(self.pid()?).await?;
        let warm = self.options.people - self.options.idle..self.options.people;
        self.wave("access", "warm-up", warm, Press::AtOnce).await?;
        let access = self.right("access").await?;
        let deletion = self.right("deletion").await?;
        let million = if self.options.rows == 0 { Value::Null } else { self.many_rows().await? };
        let over_history = if self.options.history == 0 { Value::Null } else { self.over_history().await? };
        Ok(json!({
            "machine": machine(),
            "sizes": {
                "people": self.options.people, "rows_each": shop::ROWS_EACH, "tables": shop::TABLES.len(),
                "requests": self.options.requests, "idle": self.options.idle,
            },
            "argon2id_of_one_code": argon2id,
            "access": access, "deletion": deletion,
            "one_person_with_many_rows": million, "over_history": over_history,
        }))
    }

    /// People for the next run. Deletions use theirs up; copies can be asked for again.
    fn people(&mut self, right: &str, count: u32) -> Range<u32> {
        let people = self.next..self.next + count;
        if right == "deletion" {
            self.next = people.end;
        }
        people
    }

    async fn right(&mut self, right: &str) -> Result<Value> {
        let (requests, half, idle) = (self.options.requests, self.options.half(), self.options.idle);
        statements::forget(&self.site.state).await?;
        memory::forget_peak(self.pid()?)?;
        let people = self.people(right, requests);
        let main = self.wave(right, "main", people, Press::AtOnce).await?;
        let dearest = statements::dearest(&self.site.state, self.options.statements).await?;
        let people = self.people(right, half);
        let phases = self.wave(right, "phases", people, Press::Together).await?;
        let peak = rounded(memory::peak_mb(self.pid()?)?, 1);
        let people = self.people(right, idle);
        let idle = self.idle(right, "idle", people).await?;
        let floor = self.floor(right).await?;
        let mut figures = json!({
            "main": main, "in_two_phases": phases, "idle": idle, "floor": floor, "daemon_peak_rss_mb": peak,
        });
        if let Some(figures) = figures.as_object_mut().filter(|_| self.options.statements > 0) {
            figures.insert("dearest_statements".to_owned(), dearest);
        }
        Ok(figures)
    }

    /// One run under load, with its costs.
    async fn wave(&mut self, right: &str, name: &str, people: Range<u32>, press: Press) -> Result<Value> {
        let requests = u32::try_from(people.len())?;
        say(&format!("{right}, {name}: {requests} requests"));
        let (cpu, ran) = (Cpu::now(self.pid()?)?, Statements::now(&self.site.state).await?);
        let took = self.requests(right, name, people.clone(), press).await?;
        self.rest().await?;
        if right == "deletion" {
            let left = self.site.shop.rows_of(people).await?;
            ensure!(left == 0, "{left} rows of deleted people are left");
        }
        let ran_now = Statements::now(&self.site.state).await?;
        Ok(json!({
            "requests": requests,
            "requests_per_second": per_second(requests, took.whole),
            "submitted_to_link_per_second": per_second(requests, took.to_last_link),
            "verified_to_final_mail_per_second": per_second(requests, took.from_first_press),
            "cpu_ms_per_request": Cpu::now(self.pid()?)?.per_request(cpu, requests),
            "state_statements_per_request": ran_now.per_request(ran, requests),
        }))
    }

    async fn requests(&mut self, right: &str, name: &str, people: Range<u32>, press: Press) -> Result<Took> {
        let wave = format!("{right}-{name}-{}", people.start);
        let took = wave::run(&mut self.crowd, people, right, &wave, press, self.options.limit()).await;
        match took {
            Ok(took) => Ok(took),
            Err(error) => Err(error.context(self.site.situation().await?)),
        }
    }

    /// One request at a time, each begun when all is at rest.
    async fn idle(&mut self, right: &str, name: &str, people: Range<u32>) -> Result<Value> {
        say(&format!("{right}, {name}: {} requests one at a time", people.len()));
        let mut latencies = Vec::with_capacity(people.len());
        for person in people {
            let one = person..person + 1;
            latencies.extend(self.requests(right, name, one, Press::Together).await?.latencies);
            self.rest().await?;
        }
        latencies.sort_unstable();
        Ok(json!({
            "requests": latencies.len(),
            "verified_to_final_mail_ms": { "p50": percentile(&latencies, 0.5), "p99": percentile(&latencies, 0.99) },
        }))
    }

    /// Waits until no work is open.
    async fn rest(&self) -> Result<()> {
        let deadline = Instant::now() + self.options.limit();
        while self.site.open_ends().await? > 0 {
            ensure!(Instant::now() < deadline, "no rest: {}", self.site.situation().await?);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn floor(&mut self, right: &str) -> Result<Value> {
        let requests = self.options.requests;
        say(&format!("{right}, floor: {requests} people"));
        let people = self.people(right, requests);
        let package = self.package_bytes().await?;
        let cpu = Cpu::now(self.pid()?)?;
        let took = match right {
            "deletion" => floor::delete(&self.site.shop, people).await?,
            _ => floor::read(&self.site.shop, people, package, self.site.folder()).await?,
        };
        let used = Cpu::now(self.pid()?)?;
        let each = |now: f64, then: f64| rounded((now - then) * 1_000.0 / f64::from(requests), 2);
        Ok(json!({
            "requests": requests,
            "requests_per_second": per_second(requests, took),
            "package_bytes_each": if right == "access" { package } else { 0 },
            "cpu_ms_per_request": {
                "postgresql": each(used.postgres, cpu.postgres), "client": each(used.bench, cpu.bench),
            },
        }))
    }

    /// The mean size of the packages so far.
    async fn package_bytes(&self) -> Result<usize> {
        let sql = "SELECT coalesce(avg(bytes), 0)::bigint AS bench FROM package";
        let bytes: i64 = sqlx::query_scalar(sql).fetch_one(&self.site.state).await?;
        Ok(usize::try_from(bytes)?)
    }

    async fn many_rows(&mut self) -> Result<Value> {
        let (rows, person) = (self.options.rows, self.options.people);
        say(&format!("one person with {rows} rows"));
        self.site.shop.add_logins(person, rows).await?;
        memory::forget_peak(self.pid()?)?;
        let took = self.requests("access", "rows", person..person + 1, Press::AtOnce).await?;
        self.rest().await?;
        let held = "SELECT max(rows_held) AS bench FROM package";
        let held: i64 = sqlx::query_scalar(held).fetch_one(&self.site.state).await?;
        ensure!(held > i64::from(rows), "the package holds {held} rows");
        let mut figures = self.of_many(held, &took)?;
        memory::forget_peak(self.pid()?)?;
        let took = self.requests("deletion", "rows", person..person + 1, Press::AtOnce).await?;
        self.rest().await?;
        let left = self.site.shop.rows_of(person..person + 1).await?;
        ensure!(left == 0, "{left} rows of the person with many are left");
        figures["deletion"] = self.of_many(held, &took)?;
        Ok(figures)
    }

    /// What one person with so many rows took.
    fn of_many(&self, rows: i64, took: &Took) -> Result<Value> {
        Ok(json!({
            "rows": rows,
            "verified_to_final_mail_seconds": rounded(took.from_first_press.as_secs_f64(), 2),
            "daemon_peak_rss_mb": rounded(memory::peak_mb(self.pid()?)?, 1),
        }))
    }

    async fn over_history(&mut self) -> Result<Value> {
        let history = self.options.history;
        say(&format!("putting {history} closed requests into the state database"));
        let begun = Instant::now();
        history::fill(&self.site.state, history).await?;
        let filled = rounded(begun.elapsed().as_secs_f64(), 1);
        let mut figures = json!({ "closed_requests": history, "seconds_to_fill": filled });
        for right in ["access", "deletion"] {
            statements::forget(&self.site.state).await?;
            // As many as without a history: fewer share less, and that is not what is compared.
            let people = self.people(right, self.options.requests);
            let main = self.wave(right, "history", people, Press::AtOnce).await?;
            let dearest = statements::dearest(&self.site.state, self.options.statements).await?;
            let people = self.people(right, self.options.idle);
            let idle = self.idle(right, "history-idle", people).await?;
            figures[right] = json!({ "main": main, "idle": idle, "dearest_statements": dearest });
        }
        Ok(figures)
    }

    fn pid(&self) -> Result<i32> {
        self.site.daemon.pid().context("the daemon has ended")
    }
}

fn per_second(requests: u32, took: Duration) -> f64 {
    rounded(f64::from(requests) / took.as_secs_f64().max(1e-6), 1)
}

/// How many cores there are, and how much else was running at the end.
fn machine() -> Value {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    json!({ "cores": cores, "load_average_at_the_end": load.trim() })
}

fn say(what: &str) {
    eprintln!("{what}");
}
