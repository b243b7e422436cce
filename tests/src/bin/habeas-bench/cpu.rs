//! The CPU time and the memory of this program's children, from `/proc`.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

/// Clock ticks per second in `/proc/<pid>/stat`: a constant of the kernel's interface on every platform we run on.
const TICKS: f64 = 100.0;

/// CPU seconds used so far, user and system together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cpu {
    pub(crate) daemon: f64,
    pub(crate) postgres: f64,
    pub(crate) rabbitmq: f64,
    /// This program: the people's mail server and their browsers.
    pub(crate) bench: f64,
}

struct Process {
    parent: i32,
    name: String,
    own: f64,
    /// Of children that have ended.
    ended: f64,
}

impl Cpu {
    /// Reads the present state of all descendants of this process, of which one is the daemon.
    pub(crate) fn now(daemon: i32) -> Result<Self> {
        let all = processes();
        let this = i32::try_from(std::process::id())?;
        let mut cpu = Self::default();
        for (pid, process) in &all {
            if *pid == this {
                cpu.bench += process.own;
            } else if descends(&all, *pid, this) {
                *cpu.of(*pid == daemon, &process.name) += process.own + process.ended;
            }
        }
        Ok(cpu)
    }

    fn of(&mut self, is_daemon: bool, name: &str) -> &mut f64 {
        match name {
            _ if is_daemon => &mut self.daemon,
            "postgres" => &mut self.postgres,
            "sh" => &mut self.bench,
            _ => &mut self.rabbitmq,
        }
    }

    /// The seconds between `earlier` and this, per request.
    pub(crate) fn per_request(self, earlier: Self, requests: u32) -> Value {
        let each = |now: f64, then: f64| super::rounded((now - then) * 1_000.0 / f64::from(requests), 2);
        json!({
            "daemon": each(self.daemon, earlier.daemon),
            "postgresql": each(self.postgres, earlier.postgres),
            "rabbitmq": each(self.rabbitmq, earlier.rabbitmq),
            "daemon_and_servers": each(
                self.daemon + self.postgres + self.rabbitmq,
                earlier.daemon + earlier.postgres + earlier.rabbitmq,
            ),
            "bench_as_people_and_mail_server": each(self.bench, earlier.bench),
        })
    }
}

fn processes() -> BTreeMap<i32, Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| Some((pid, read(pid)?))).collect()
}

/// `pid (name) state parent ... utime stime cutime cstime ...`; times are the fields 14 to 17.
fn read(pid: i32) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (front, after) = stat.rsplit_once(')')?;
    let (_, name) = front.split_once('(')?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some(Process {
        parent: fields.get(1)?.parse().ok()?,
        name: name.to_owned(),
        own: (ticks(11)? + ticks(12)?) / TICKS,
        ended: (ticks(13)? + ticks(14)?) / TICKS,
    })
}

fn descends(all: &BTreeMap<i32, Process>, mut pid: i32, from: i32) -> bool {
    while let Some(process) = all.get(&pid) {
        if process.parent == from {
            return true;
        }
        pid = process.parent;
    }
    false
}
