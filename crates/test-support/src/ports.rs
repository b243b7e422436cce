//! Free loopback ports, reserved across all test processes of this account.

use std::fs::{File, create_dir_all};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use nix::unistd::geteuid;

use crate::names::random;

/// Below the kernel's ephemeral range (32768 and up), so that no outgoing connection takes the port meanwhile.
const FIRST: u16 = 15_000;
const COUNT: u16 = 17_000;
const TRIES: u32 = 500;

/// A free TCP port on 127.0.0.1. No other test process is given it as long as this value lives.
///
/// Asking the kernel for port 0 and closing the socket again would leave a gap in which somebody else takes the port;
/// a lock file per port closes that gap and survives a server's restarts.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    /// Reserves a free port.
    pub fn reserve() -> Result<Self> {
        let folder = lock_folder()?;
        for _ in 0..TRIES {
            let offset = u16::try_from(random() % u64::from(COUNT)).context("a port offset fits 16 bits")?;
            let number = FIRST + offset;
            let lock =
                File::create(folder.join(number.to_string())).context("creating a port's lock file")?;
            if lock.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Ok(Self { number, _lock: lock });
            }
        }
        bail!("found no free port in {TRIES} tries")
    }

    /// The port's number.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// `127.0.0.1:<number>`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.number)
    }
}

fn lock_folder() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("habeas-test-ports-{}", geteuid()));
    create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn reserved_ports_are_free_and_distinct() {
        let ports: Vec<Port> = (0..50).map(|_| Port::reserve().unwrap()).collect();
        let numbers: BTreeSet<u16> = ports.iter().map(Port::number).collect();
        assert_eq!(numbers.len(), 50);
        for number in numbers {
            TcpListener::bind((Ipv4Addr::LOCALHOST, number)).unwrap();
        }
    }
}
