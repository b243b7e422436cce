//! The files under `deploy/` that are made from the code.

use std::path::{Path, PathBuf};

use crate::program::Program;

const GENERATED: [(&str, &str); 5] = [
    ("openapi", "openapi.json"),
    ("config-schema", "config.schema.json"),
    ("config-example", "habeas.example.toml"),
    ("message-schema", "request.submitted.schema.json"),
    ("rabbitmq-definitions", "rabbitmq-definitions.json"),
];

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(file)
}

#[test]
fn nothing_has_drifted() {
    let program = Program::with("");
    let stale: Vec<&str> = GENERATED
        .iter()
        .filter(|(what, file)| {
            let made = program.run(&["generate", what]);
            assert_eq!(made.code, 0, "{made:?}");
            std::fs::read_to_string(deploy(file)).ok().as_deref().map(str::trim_end)
                != Some(made.out.trim_end())
        })
        .map(|(_, file)| *file)
        .collect();
    assert!(stale.is_empty(), "stale: {stale:?}; write them with `cargo xtask generate`");
}

#[test]
fn the_store_of_the_compose_file_is_well_formed() {
    let stores = deploy("compose/stores");
    let program = Program::with("").env("HABEAS__STORES__FOLDER", &stores.to_string_lossy());
    let ran = program.run(&["store", "list", "--output", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.json()["stores"][0]["name"], "shop");
}
