//! What the image, the compose file and the units under `deploy/` set is what the configuration knows.

use std::{
    collections::BTreeMap, os::unix::fs::PermissionsExt as _, path::Path, process::Command, time::Duration,
};

use habeas_config::{Config, LogFormat, MailKind, QueueKind, Role, Sources};

fn deploy(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The settings in a text that writes them as `NAME: value` or `NAME=value`; comments count as well.
fn settings(text: &str) -> BTreeMap<String, String> {
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let starts = text.match_indices("HABEAS__").map(|(at, _)| &text[at..]);
    let all = starts.filter_map(|rest| {
        let (name, rest) = rest.split_at(rest.find(|c| !word(c))?);
        let value = rest.strip_prefix(": ").or_else(|| rest.strip_prefix('='))?;
        let value = value.split([' ', '\n', '\\']).next()?.trim_matches('"');
        Some((name.to_owned(), value.to_owned()))
    });
    all.collect()
}

fn load(environment: BTreeMap<String, String>) -> Config {
    Sources { file: None, environment }.load().unwrap_or_else(|problems| panic!("{problems}")).config
}

/// The seconds that such a line of a file gives to a drain.
fn seconds(text: &str, key: &str) -> Duration {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap();
    Duration::from_secs(line.trim().trim_end_matches('s').parse().unwrap())
}

#[test]
fn the_compose_file_is_a_whole_configuration() {
    let mut environment = settings(&deploy("Dockerfile"));
    assert_eq!(environment.len(), 3, "{environment:?}");
    environment.extend(settings(&deploy("compose.yaml")));
    let config = load(environment);
    assert_eq!(config.data_dir, Path::new("/var/lib/habeas"));
    assert_eq!((config.queue.kind, config.mail.kind), (QueueKind::RabbitMq, MailKind::Smtp));
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.http.listen.port(), 8080);
    let drain = Duration::from_secs(config.workers.drain_seconds.get().into());
    assert!(seconds(&deploy("compose.yaml"), "stop_grace_period:") > drain);
}

#[test]
fn the_units_set_what_there_is_and_wait_for_a_drain() {
    for unit in ["systemd/habeas.service", "systemd/habeas@.service"] {
        let text = deploy(unit);
        let mut environment = settings(&text);
        let secret = environment.remove("HABEAS__STATE__URL_FILE");
        assert!(secret.is_some_and(|file| file.starts_with("%d/")), "{unit}");
        let config = load(environment);
        assert_eq!(config.log.format, LogFormat::Json, "{unit}");
        let drain = Duration::from_secs(config.workers.drain_seconds.get().into());
        assert!(seconds(&text, "TimeoutStopSec=") > drain, "{unit}");
    }
}

#[test]
fn both_units_shut_the_same_doors() {
    let doors = |unit| {
        let text = deploy(unit);
        text.split_once("User=habeas").map(|(_, doors)| doors.to_owned()).unwrap()
    };
    assert_eq!(doors("systemd/habeas.service"), doors("systemd/habeas@.service"));
}

#[test]
fn every_role_can_be_found() {
    let (unit, readme) = (deploy("systemd/habeas@.service"), deploy("README.md"));
    for role in Role::ALL.map(Role::as_str) {
        assert!(unit.contains(&format!("habeas@{role}")), "habeas@.service leaves out {role}");
        assert!(readme.contains(&format!("`{role}`")), "README.md leaves out {role}");
    }
}

/// What `habeas-as-service` hands to `systemd-run`.
fn as_service(arguments: &[&str], token: Option<&str>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let stub = folder.path().join("systemd-run");
    std::fs::write(&stub, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n").unwrap();
    std::fs::set_permissions(&stub, std::fs::Permissions::from_mode(0o755)).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/systemd/habeas-as-service");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut run = Command::new(script);
    run.args(arguments)
        .env("PATH", path)
        .env_remove("HABEAS_TOKEN")
        .envs(token.map(|token| ("HABEAS_TOKEN", token)));
    let ran = run.output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_command_runs_with_what_the_units_have() {
    let given = as_service(&["store", "check", "a b"], None);
    assert!(
        given.ends_with(&["/usr/local/bin/habeas", "store", "check", "a b"].map(str::to_owned)),
        "{given:?}"
    );
    for unit in ["systemd/habeas.service", "systemd/habeas@.service"] {
        let text = deploy(unit);
        for (key, option) in [
            ("User=", "--uid="),
            ("Group=", "--gid="),
            ("WorkingDirectory=", "--working-directory="),
            ("UMask=", "--property=UMask="),
        ] {
            let value = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            assert!(given.contains(&format!("{option}{value}")), "{unit}: {key}{value}: {given:?}");
        }
        let files: Vec<&str> = text.lines().filter(|line| line.starts_with("EnvironmentFile=")).collect();
        assert_eq!(files.first(), Some(&"EnvironmentFile=-/etc/habeas/habeas.env"), "{unit}");
        assert!(given.contains(&format!("--property={}", files[0])), "{unit}: {given:?}");
        let set =
            text.lines().filter_map(|line| line.strip_prefix("Environment=")).flat_map(str::split_whitespace);
        for variable in set.filter(|variable| !variable.starts_with("HABEAS__LOG__")) {
            assert!(given.contains(&format!("--setenv={variable}")), "{unit}: {variable}: {given:?}");
        }
    }
}

#[test]
fn a_token_is_handed_on_and_not_shown() {
    assert!(!as_service(&["doctor"], None).contains(&"--setenv=HABEAS_TOKEN".to_owned()));
    let given = as_service(&["doctor"], Some("habeas_secret"));
    assert!(
        given.contains(&"--setenv=HABEAS_TOKEN".to_owned()) && !given.join(" ").contains("secret"),
        "{given:?}"
    );
}
