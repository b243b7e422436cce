//! Installing what the tests need.

use std::process::Command;

use anyhow::{Result, bail};

use super::programs::{NEEDED, Needed};
use crate::run;

/// What runs with the right to install. It takes packages and services as its arguments.
const SCRIPT: &str = include_str!("install.sh");

/// Installs what is missing with apt-get if that is possible; otherwise says what to install, and fails.
pub(super) fn missing() -> Result<()> {
    let missing = Missing::of(&NEEDED, Needed::is_there);
    if missing.packages.is_empty() {
        return Ok(());
    }
    println!("--- installing {}", missing.packages.join(" "));
    let mut shell = match Installer::choose(Machine::look()) {
        Ok(installer) => installer.shell(),
        Err(cannot) => bail!("{}: {cannot}", missing.advice()),
    };
    run::checked(shell.args(["-c", SCRIPT, "install"]).args(missing.arguments()))
        .map_err(|failure| failure.context(missing.advice()))?;
    let still = Missing::of(&NEEDED, Needed::is_there);
    if !still.packages.is_empty() {
        bail!("apt-get succeeded, and yet: {}", still.advice());
    }
    Ok(())
}

/// What has to be installed; each name once, in the order of the list.
#[derive(Debug, PartialEq, Eq)]
struct Missing {
    packages: Vec<&'static str>,
    services: Vec<&'static str>,
}

impl Missing {
    fn of(needed: &[Needed], is_there: impl Fn(&Needed) -> bool) -> Self {
        let absent = || needed.iter().filter(|needed| !is_there(needed));
        let mut packages: Vec<&str> = absent().map(|needed| needed.package).collect();
        let mut services: Vec<&str> = absent().map(|needed| needed.service).collect();
        packages.dedup();
        services.dedup();
        Self { packages, services }
    }

    fn arguments(&self) -> impl Iterator<Item = String> {
        let services = self.services.iter().map(|service| format!("service:{service}"));
        self.packages.iter().map(|package| (*package).to_owned()).chain(services)
    }

    fn advice(&self) -> String {
        format!(
            "the tests need programs that are missing; install these packages and run this again \
             (their services need not run):\n    apt-get install --no-install-recommends {}\n",
            self.packages.join(" ")
        )
    }
}

/// What matters of this machine.
#[derive(Debug, Clone, Copy)]
struct Machine {
    has_apt: bool,
    is_root: bool,
    has_free_sudo: bool,
}

impl Machine {
    fn look() -> Self {
        let uid = run::output(Command::new("id").arg("-u"));
        Self {
            has_apt: run::succeeds(Command::new("apt-get").arg("--version")),
            is_root: uid.is_ok_and(|uid| uid.trim_ascii() == b"0"),
            has_free_sudo: run::succeeds(Command::new("sudo").args(["-n", "true"])),
        }
    }
}

/// Who installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Installer {
    Root,
    Sudo,
}

impl Installer {
    /// The one to use; otherwise why nothing can be installed here.
    fn choose(machine: Machine) -> Result<Self, &'static str> {
        match machine {
            Machine { has_apt: false, .. } => Err("there is no apt-get here to do it"),
            Machine { is_root: true, .. } => Ok(Self::Root),
            Machine { has_free_sudo: true, .. } => Ok(Self::Sudo),
            _ => Err("this is not root, and sudo is missing or asks for a password"),
        }
    }

    fn shell(self) -> Command {
        match self {
            Self::Root => Command::new("sh"),
            Self::Sudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["-n", "sh"]);
                sudo
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: Machine = Machine { has_apt: true, is_root: true, has_free_sudo: false };

    #[test]
    fn each_package_and_service_is_named_once() {
        let all = Missing::of(&NEEDED, |_| false);
        assert_eq!(all.packages, ["postgresql", "mariadb-server", "rabbitmq-server", "dovecot-imapd"]);
        assert_eq!(all.services, ["postgresql", "mariadb", "rabbitmq-server", "dovecot"]);
        assert_eq!(Missing::of(&NEEDED, |_| true).packages, Vec::<&str>::new());
    }

    #[test]
    fn one_missing_program_brings_its_package_and_no_other() {
        let some = Missing::of(&NEEDED, |needed| needed.program != "initdb");
        let arguments: Vec<String> = some.arguments().collect();
        assert_eq!(arguments, ["postgresql", "service:postgresql"]);
    }

    #[test]
    fn what_to_install_is_told() {
        let some = Missing::of(&NEEDED, |needed| needed.package == "postgresql");
        assert_eq!(
            some.advice(),
            "the tests need programs that are missing; install these packages and run this again (their \
             services need not run):\n    apt-get install --no-install-recommends mariadb-server \
             rabbitmq-server dovecot-imapd\n"
        );
    }

    #[test]
    fn root_installs_itself_and_others_through_sudo() {
        assert_eq!(Installer::choose(MACHINE), Ok(Installer::Root));
        let other = Machine { is_root: false, has_free_sudo: true, ..MACHINE };
        assert_eq!(Installer::choose(other), Ok(Installer::Sudo));
        assert_eq!(run::line(&Installer::Sudo.shell()), "sudo -n sh");
    }

    #[test]
    fn without_means_it_says_why() {
        let nobody = Machine { is_root: false, ..MACHINE };
        assert!(Installer::choose(nobody).unwrap_err().contains("asks for a password"));
        let other_system = Machine { has_apt: false, ..MACHINE };
        assert!(Installer::choose(other_system).unwrap_err().contains("no apt-get"));
    }

    /// The script with the paths and programs of a folder instead of the machine's.
    fn try_script(policy_before: Option<&str>, apt_get: &str) -> (bool, Option<String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            use std::os::unix::fs::PermissionsExt as _;
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        put(
            "apt-get",
            &format!(
                "#!/bin/sh\necho \"$@\" >> {0}/log\ncat {0}/policy-rc.d >> {0}/log\n{apt_get}\n",
                folder.path().display()
            ),
        );
        if let Some(text) = policy_before {
            put("policy-rc.d", text);
        }
        let script =
            SCRIPT.replace("/usr/sbin/policy-rc.d", &folder.path().join("policy-rc.d").to_string_lossy());
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        let shell =
            shell.args(["-c", &script, "install", "one", "two", "service:no-such-service"]).env("PATH", path);
        let succeeded = run::succeeds(shell);
        let policy = std::fs::read_to_string(folder.path().join("policy-rc.d")).ok();
        (succeeded, policy, std::fs::read_to_string(folder.path().join("log")).unwrap())
    }

    #[test]
    fn services_are_kept_from_starting_and_the_policy_is_put_back() {
        let (succeeded, policy, log) = try_script(Some("#!/bin/sh\nexit 0\n"), "exit 0");
        assert!(succeeded);
        assert_eq!(policy.as_deref(), Some("#!/bin/sh\nexit 0\n"), "the machine's own policy is back");
        let lines: Vec<&str> = log.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                "update -q",
                "exit 101",
                "install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 one two",
                "exit 101"
            ]
        );
        let (_, policy, _) = try_script(None, "exit 0");
        assert_eq!(policy, None, "nothing is left behind");
    }

    #[test]
    fn a_failed_update_does_not_stop_it_and_a_failed_install_does() {
        let (succeeded, ..) = try_script(None, "[ \"$1\" = install ]");
        assert!(succeeded);
        let (succeeded, policy, _) = try_script(None, "[ \"$1\" = update ]");
        assert!(!succeeded);
        assert_eq!(policy, None, "nothing is left behind");
    }
}
