//! What the image, the compose file and the units under `deploy/` set is what the configuration knows.

use std::{collections::BTreeMap, path::Path, time::Duration};

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
