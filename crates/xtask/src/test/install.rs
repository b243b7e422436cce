//! Installing what the tests need.

use std::process::Command;

use anyhow::{Result, bail};

use super::programs::{NEEDED, Needed};
use crate::run;

/// Installs the packages given as arguments. Their services must not start: Debian asks `policy-rc.d` whether they may,
/// and the one put there says no (101) until the installation is over.
const SCRIPT: &str = r#"
set -eu
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
apt-get update -q
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
"#;

/// Installs what is missing with apt-get if that is possible; otherwise says what to install, and fails.
pub(super) fn missing() -> Result<()> {
    let packages = missing_packages(&NEEDED);
    if packages.is_empty() {
        return Ok(());
    }
    println!("--- installing {}", packages.join(" "));
    let Some(mut shell) = privileged_shell() else { bail!("{}", advice(&packages)) };
    run::checked(shell.args(["-c", SCRIPT, "install"]).args(&packages))
        .map_err(|failure| failure.context(advice(&packages)))?;
    let still = missing_packages(&NEEDED);
    if !still.is_empty() {
        bail!("apt-get succeeded, and yet: {}", advice(&still));
    }
    Ok(())
}

fn missing_packages(needed: &[Needed]) -> Vec<&'static str> {
    let mut packages: Vec<&str> =
        needed.iter().filter(|needed| !needed.is_there()).map(|needed| needed.package).collect();
    packages.dedup();
    packages
}

/// A shell that may install packages, where there is apt-get: as root, or through sudo if that asks no password.
fn privileged_shell() -> Option<Command> {
    if !run::succeeds(Command::new("apt-get").arg("--version")) {
        return None;
    }
    let is_root = run::output(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim_ascii() == b"0");
    if is_root {
        return Some(Command::new("sh"));
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "sh"]);
    run::succeeds(Command::new("sudo").args(["-n", "true"])).then_some(sudo)
}

fn advice(packages: &[&str]) -> String {
    format!(
        "the tests need programs that are missing; install these packages and run this again \
         (their services need not run):\n    apt-get install --no-install-recommends {}",
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_install_is_told() {
        assert!(advice(&["rabbitmq-server", "postgresql"]).ends_with("rabbitmq-server postgresql"));
    }

    #[test]
    fn each_package_is_named_once() {
        assert_eq!(missing_packages(&[]), Vec::<&str>::new());
        let mut packages: Vec<&str> = NEEDED.iter().map(|needed| needed.package).collect();
        packages.dedup();
        assert_eq!(packages, ["postgresql", "mariadb-server", "rabbitmq-server"]);
    }
}
