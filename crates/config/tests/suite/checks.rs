use std::{collections::BTreeMap, path::Path};

use habeas_config::{Config, ConfigError, Origin, QueueKind, Role, Sources, example, schema};

type Outcome = Result<(), Box<dyn std::error::Error>>;

pub(crate) fn sources(file: Option<&Path>, environment: &[(&str, &str)]) -> Sources {
    let environment: BTreeMap<String, String> =
        environment.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Sources { file: file.map(Path::to_owned), environment }
}

pub(crate) fn in_file(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("habeas.toml");
    std::fs::write(&file, text).unwrap();
    sources(Some(&file), environment).load().map(|loaded| loaded.config)
}

/// The problems, without the folder of the file.
fn problems(text: &str, environment: &[(&str, &str)]) -> String {
    match in_file(text, environment).unwrap_err() {
        ConfigError::Problems(list) => list
            .into_iter()
            .map(|mut one| {
                if let Origin::File { file, .. } = &mut one.origin {
                    *file = file.file_name().unwrap().into();
                }
                one.to_string()
            })
            .collect::<Vec<_>>()
            .join("\n"),
        other @ ConfigError::Unreadable { .. } => panic!("{other}"),
    }
}

#[test]
fn nothing_is_the_embedded_default() -> Outcome {
    let config = in_file("", &[])?;
    assert_eq!(config, Config::default());
    assert!(config.is_embedded());
    assert_eq!(config.state_url().expose(), "sqlite://habeas-data/state.db?mode=rwc");
    assert_eq!(config.workers.roles, Role::ALL);
    Ok(())
}

#[test]
fn each_layer_goes_over_the_one_before() -> Outcome {
    let folder = tempfile::tempdir()?;
    let secret = folder.path().join("url");
    std::fs::write(&secret, "amqp://habeas:from-file@broker.test/%2f\n")?;
    let secret = secret.to_string_lossy().into_owned();
    let config = in_file(
        "data_dir = \"/srv/a\"\n[queue]\nkind = \"rabbitmq\"\nurl = \"amqp://from-toml\"\n[mail]\nfrom_name = \"12\"\n",
        &[
            ("HABEAS__DATA_DIR", "/srv/b"),
            ("HABEAS__QUEUE__URL", "amqp://from-env"),
            ("HABEAS__QUEUE__URL_FILE", &secret),
            ("HABEAS__MAIL__FROM_NAME", "34"),
            ("HABEAS__WORKERS__MAIL__PARALLEL", "7"),
            ("HABEAS__WORKERS__ROLES", "api, mail-is-no-role"),
        ],
    );
    assert!(config.unwrap_err().to_string().contains("HABEAS__WORKERS__ROLES"));
    let config = in_file(
        "[queue]\nkind = \"rabbitmq\"\nurl = \"amqp://from-toml\"\n",
        &[
            ("HABEAS__DATA_DIR", "/srv/b"),
            ("HABEAS__QUEUE__URL", "amqp://from-env"),
            ("HABEAS__QUEUE__URL_FILE", &secret),
            ("HABEAS__MAIL__FROM_NAME", "34"),
            ("HABEAS__WORKERS__MAIL__PARALLEL", "7"),
            ("HABEAS__WORKERS__ROLES", "api, intake"),
        ],
    )?;
    assert_eq!(config.data_dir, Path::new("/srv/b"));
    assert_eq!(config.queue.kind, QueueKind::RabbitMq);
    assert_eq!(config.queue.url.as_ref().unwrap().expose(), "amqp://habeas:from-file@broker.test/%2f");
    assert_eq!(config.mail.from_name, "34");
    assert_eq!(config.workers.mail.parallel.get(), 7);
    assert_eq!(config.workers.roles, [Role::Api, Role::Intake]);
    Ok(())
}

#[test]
fn every_problem_is_told_with_its_place_and_fix() {
    let text = "\
[http]
lisen = \"127.0.0.1:80\"
base_url = \"example.com\"

[queue]
kind = \"rabitmq\"

[mail]
kind = \"smtp\"
host = \"smtp.example.com\"
security = \"plain\"
from_address = \"nobody\"
port = \"many\"

[workers.task]
parallel = 0
group = -1

[approval.eu_gdpr]
deletion = \"six-eyes\"

[stroes]
folder = \"x\"
";
    insta::assert_snapshot!(problems(
        text,
        &[("HABEAS__LOG__LEVEL", "loud"), ("HABEAS__LGO__LEVEL", "info")]
    ));
}

#[test]
fn broken_toml_is_located() {
    insta::assert_snapshot!(problems("[http]\nlisten = 127.0.0.1\n", &[]));
}

#[test]
fn missing_halves_are_told() {
    insta::assert_snapshot!(problems(
        "[queue]\nkind = \"rabbitmq\"\n[objects]\nkind = \"s3\"\n[mail]\nkind = \"smtp\"\n[http]\nlisten = \"0.0.0.0:80\"\n",
        &[]
    ));
}

#[test]
fn the_embedded_queue_needs_every_role() {
    let told = problems("[workers]\nroles = [\"api\"]\n", &[]);
    assert!(told.contains("habeas.toml:2:1: workers.roles"), "{told}");
}

#[test]
fn a_missing_file_is_told() {
    let error = sources(Some(Path::new("/nowhere/habeas.toml")), &[]).load().unwrap_err();
    assert!(error.to_string().contains("/nowhere/habeas.toml"));
}

#[test]
fn secrets_never_print() -> Outcome {
    let text = "[state]\nurl = \"postgres://habeas:hunter2@db.test/habeas\"\n\
        [queue]\nkind = \"rabbitmq\"\nurl = \"amqp://habeas:hunter2@broker.test/%2f\"\n\
        [mail]\nkind = \"smtp\"\nhost = \"smtp.test\"\nuser = \"habeas\"\npassword = \"hunter2\"\n";
    let config = in_file(text, &[])?;
    let shown = format!("{} {config:?}", config.shown());
    assert!(shown.contains("[secret]") && !shown.contains("hunter2"), "{shown}");
    let told = problems("[mail]\npassword = 4242\n[queue]\nurl = [\"hunter2\"]\n", &[]);
    assert!(!told.contains("hunter2") && !told.contains("4242"), "{told}");
    Ok(())
}

#[test]
fn the_example_mentions_every_key_and_loads() -> Outcome {
    let example = example();
    assert_eq!(in_file(&example, &[])?, Config::default());
    let is_comment = |line: &str| line.starts_with('#') && !is_setting(line);
    let settings = example.lines().filter(|line| !is_comment(line));
    let uncommented = settings.map(|line| line.trim_start_matches("# ")).collect::<Vec<_>>().join("\n");
    let parsed: toml::Table = uncommented.parse()?;
    assert_every_key(&schema(), &serde_json::to_value(&parsed)?, "");
    let told = problems(&uncommented, &[]);
    // Some keys exclude each other; nothing else is wrong with an example that sets them all.
    let known =
        ["the embedded queue takes no URL", "not clear which keys sign", "one way to sign in is needed"];
    assert!(told.lines().all(|line| known.iter().any(|one| line.contains(one))), "{told}");
    assert_eq!(told.lines().count(), known.len(), "{told}");
    Ok(())
}

fn is_setting(line: &str) -> bool {
    let key = line.trim_start_matches("# ").split(" = ").next().unwrap_or_default();
    let header = line.starts_with("# [") && line.ends_with(']');
    header || line.contains(" = ") && key.chars().all(|c| c.is_ascii_lowercase() || "_.".contains(c))
}

fn assert_every_key(schema: &serde_json::Value, values: &serde_json::Value, path: &str) {
    for (key, property) in schema.get("properties").and_then(|all| all.as_object()).into_iter().flatten() {
        let path = format!("{path}.{key}");
        let value = values.get(key).unwrap_or_else(|| panic!("{path} is not in the example"));
        assert!(property.get("description").is_some(), "{path} says nothing");
        assert_every_key(property, value, &path);
    }
}

#[test]
fn the_shipped_example_is_the_one_made_from_the_structs() -> Outcome {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/habeas.example.toml");
    assert!(
        std::fs::read_to_string(file)? == example(),
        "deploy/habeas.example.toml differs; write it with `habeas generate config-example`"
    );
    Ok(())
}
