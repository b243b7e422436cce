//! Looking at the machine from outside of the servers.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

use std::fs::{read_dir, read_link, read_to_string};

/// The processes that listen on a loopback port.
pub(crate) fn listeners(port: u16) -> Vec<i32> {
    let local = format!("0100007F:{port:04X}");
    let table = read_to_string("/proc/net/tcp").unwrap();
    let inodes: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.get(1) == Some(&local.as_str()) && fields.get(3) == Some(&"0A"))
        .map(|fields| format!("socket:[{}]", fields[9]))
        .collect();
    let processes = read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let files = read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
            files
                .filter_map(|file| read_link(file.path()).ok())
                .any(|to| inodes.iter().any(|inode| to.ends_with(inode)))
        })
        .collect()
}

/// Fails if anything of a server is left: a listener, a process that names the port, a temporary folder in use.
pub(crate) fn assert_gone(port: u16) {
    assert_eq!(listeners(port), Vec::<i32>::new());
    let own = i32::try_from(std::process::id()).unwrap();
    let alive = read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    for pid in alive.filter(|pid| *pid != own) {
        let command = read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(!command.contains(&port.to_string()), "left over: {pid} {command}");
    }
}
