//! Where the daemon is told to connect to.

use habeas_config::{ConfigError, ConfigProblem, schema};
use serde_json::Value;

use crate::checks::in_file;

fn problems(text: &str) -> Vec<ConfigProblem> {
    match in_file(text, &[]) {
        Ok(_) => Vec::new(),
        Err(ConfigError::Problems(problems)) => problems,
        Err(other @ ConfigError::Unreadable { .. }) => panic!("{other}"),
    }
}

fn told(text: &str) -> String {
    let strip = |one: ConfigProblem| {
        let text = one.to_string();
        text.split_once("habeas.toml:").map_or(text.clone(), |(_, rest)| rest.to_owned())
    };
    problems(text).into_iter().map(strip).collect::<Vec<_>>().join("\n")
}

/// What leads people's browsers or nobody anywhere: the daemon does not connect there.
const NOT_CONNECTED_TO: [&str; 7] = [
    "http.base_url",
    "http.listen",
    "mailboxes.0.answer_with_form",
    "mail.hello",
    "mail.allow_plaintext_to",
    "verification.sign_in.url",
    "verification.sign_in.issuer",
];

/// Every key that may name a server, by its name or by its example, with a line that sets it to a metadata service.
fn servers(schema: &Value, path: &str, found: &mut Vec<(String, &'static str)>) {
    let (schema, path) = match schema.get("items").filter(|items| items.get("properties").is_some()) {
        Some(items) => (items, format!("{path}.0")),
        None => (schema, path.to_owned()),
    };
    for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        servers(property, &path, found);
        let example = property["examples"][0].as_str().unwrap_or_default();
        let (url, host) = (example.contains("://"), key.contains("host"));
        let named = ["url", "host", "endpoint", "server", "address", "listen", "hello"];
        let named = named.iter().any(|word| key.contains(word))
            && !matches!(property["type"].as_str(), Some("array" | "boolean"));
        if key.contains("server") && property["type"].as_str() == Some("array") {
            found.push((format!("{path}.0"), "169.254.169.254:53"));
        }
        let mail = example.contains('@') && !url;
        if (url || named) && !mail && path != "mail.from_address" {
            found.push((path, if host { "169.254.169.254" } else { "https://169.254.169.254/x" }));
        }
    }
}

#[test]
fn no_key_leads_to_a_metadata_service() {
    let mut found = Vec::new();
    servers(&schema(), "", &mut found);
    let mut checked = Vec::new();
    for (key, value) in found {
        if NOT_CONNECTED_TO.contains(&key.as_str()) || key.starts_with("controller.") {
            continue;
        }
        let list = key.strip_suffix(".0");
        let (table, name) = list.unwrap_or(&key).rsplit_once('.').unwrap();
        let header =
            table.strip_suffix(".0").map_or_else(|| format!("[{table}]"), |list| format!("[[{list}]]"));
        let value = match key.as_str() {
            "state.url" => "postgres://habeas@169.254.169.254/x",
            "queue.url" => "amqp://habeas@169.254.169.254/x",
            _ => value,
        };
        let rest = match key.as_str() {
            "queue.url" => "\nkind = \"rabbitmq\"",
            "objects.endpoint" => "\nkind = \"s3\"",
            "mail.host" => "\nkind = \"smtp\"",
            "verification.sign_in.jwks_url" => {
                "\nurl = \"https://a.test\"\nissuer = \"a\"\naudience = \"a\"\nkey = \"a\""
            }
            _ => "",
        };
        let value = if list.is_some() { format!("[\"{value}\"]") } else { format!("\"{value}\"") };
        let problems = problems(&format!("{header}\n{name} = {value}{rest}\n"));
        let own = problems.iter().find(|one| one.field == key);
        let Some(own) = own else { panic!("{key} is not looked at: {problems:?}") };
        assert!(own.message.contains("link-local") && own.fix.contains("network.allow_link_local"), "{own}");
        checked.push(key);
    }
    let known = [
        "mail.host",
        "mailboxes.0.host",
        "mailboxes.0.name_servers.0",
        "mailboxes.0.token_url",
        "objects.endpoint",
        "queue.url",
        "state.url",
        "verification.sign_in.jwks_url",
        "verification.sms.url",
    ];
    checked.sort();
    assert_eq!(checked, known, "a new key that names a server: add it here, and to `addresses.rs`");
}

#[test]
fn addresses_that_nobody_means_are_told_with_their_line_and_never_quoted() {
    let text = "\
[state]
url = \"postgres://habeas:hunter2@0xa9fea9fe/habeas\"
[queue]
kind = \"rabbitmq\"
url = \"amqp://habeas:hunter2@[::ffff:169.254.169.254]/%2f\"
[mail]
kind = \"smtp\"
host = \"2130706433\"
[[mailboxes]]
kind = \"folder\"
path = \"/var/mail\"
[[mailboxes]]
name = \"second\"
host = \"metadata.google.internal\"
user = \"u\"
password_file = \"/run/p\"
[objects]
kind = \"s3\"
bucket = \"b\"
region = \"r\"
key_id = \"k\"
key_secret = \"hunter2\"
endpoint = \"http://0.0.0.0:9000\"
[verification.sms]
url = \"http://127.0.0.1.example.com/hunter2\"
[verification.sign_in]
url = \"http://127.0.0.1@example.com/\"
jwks_url = \"http://localhost.example.com/keys.json\"
issuer = \"i\"
audience = \"a\"
key = \"customer_id\"
";
    let told = told(text);
    assert!(!told.contains("hunter2"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn this_machine_and_what_is_allowed_are_taken() {
    let text = "\
[network]
allow_link_local = [\"169.254.7.7\", \"fe80::7\"]
[state]
url = \"postgres://habeas@169.254.7.7/habeas\"
[queue]
kind = \"rabbitmq\"
url = \"amqp://guest:guest@[fe80::7]:5672/%2f\"
[mail]
kind = \"smtp\"
host = \"localhost\"
security = \"plain\"
[objects]
kind = \"s3\"
bucket = \"b\"
region = \"r\"
key_id = \"k\"
key_secret = \"s\"
endpoint = \"http://minio:9000\"
[verification.sms]
url = \"http://[::1]:8080/messages\"
";
    assert_eq!(told(text), "");
    let told = told(&text.replace("169.254.7.7\", ", "169.254.7.8\", "));
    assert!(told.starts_with("4:1: state.url: a link-local address"), "{told}");
}
