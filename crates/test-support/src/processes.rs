//! What the kernel knows about processes, read from `/proc`.

use std::collections::BTreeMap;

/// All living descendants of `root`. Servers such as PostgreSQL put each child in a session of its own, so that a
/// signal to the group does not reach them.
pub(crate) fn descendants(root: i32) -> Vec<i32> {
    let parents: BTreeMap<i32, i32> = all().map(|process| (process.pid, process.parent)).collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(parents.iter().filter(|&(_, &above)| above == parent).map(|(&pid, _)| pid));
        next += 1;
    }
    found.into_iter().skip(1).collect()
}

/// All living processes of the group.
pub(crate) fn of_group(group: i32) -> Vec<i32> {
    all().filter(|process| process.group == group).map(|process| process.pid).collect()
}

/// Whether the process exists and is more than an entry waiting to be collected.
pub(crate) fn is_alive(pid: i32) -> bool {
    Process::read(pid).is_some()
}

struct Process {
    pid: i32,
    parent: i32,
    group: i32,
}

fn all() -> impl Iterator<Item = Process> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Process::read)
}

impl Process {
    /// Reads `/proc/<pid>/stat`: `pid (name) state parent group ...`, where the name may hold blanks and brackets.
    fn read(pid: i32) -> Option<Self> {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat).into_owned();
        let (_, after_name) = stat.rsplit_once(')')?;
        let mut fields = after_name.split_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        (!matches!(state, "Z" | "X")).then_some(Self { pid, parent, group })
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_child_is_seen_and_a_dead_one_is_not() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(descendants(own).contains(&pid));
        assert!(is_alive(pid));
        child.kill().unwrap();
        assert!(crate::wait::blocking(std::time::Duration::from_mins(1), || !is_alive(pid)));
        child.wait().unwrap();
        assert!(!descendants(own).contains(&pid));
    }
}
