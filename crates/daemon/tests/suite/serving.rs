//! The daemon as a process: ready, measured, drained.

use std::time::Duration;

use habeas_test_support::{Port, TestDaemon, daemon::DaemonOptions};

use crate::program::Program;

const MANIFEST: &str = "[store]\nname = \"shop\"\ndriver = \"sqlite\"\nurl = \"sqlite://shop.db?mode=rwc\"\n\
    product = \"Shop\"\ntitle = { en = \"Shop\", ja = \"ショップ\" }\n\n[[collection]]\nname = \"customer\"\n\
    title = { en = \"Customer\", ja = \"お客様\" }\n\
    fields.email = { key = \"email\", category = \"user.contact.email\", provided = true }\ndelete = \"rows\"\n";

fn options(program: &Program, port: u16) -> DaemonOptions {
    DaemonOptions::new()
        .program(env!("CARGO_BIN_EXE_habeas"))
        .arg("serve")
        .current_dir(program.path(""))
        .env("HABEAS__HTTP__LISTEN", format!("127.0.0.1:{port}"))
        .ready_port(port)
}

fn installed() -> Program {
    let program = Program::with("");
    program.write("habeas-data/stores/shop.toml", MANIFEST);
    program
}

#[tokio::test]
async fn it_serves_measures_and_drains() {
    let program = installed();
    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let daemon = TestDaemon::start(options(&program, port)).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| {
        let answer = client.get(format!("http://127.0.0.1:{port}{path}")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get("/livez").await.0, 200);
    assert_eq!(get("/v1/requests").await.0, 401, "no token, no answer");
    assert_eq!(get("/en").await.0, 200);
    let (status, metrics) = get("/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.contains("habeas_build_info") && metrics.contains("# HELP"), "{metrics}");
    let quick = Program::with("").env("HABEAS__HTTP__LISTEN", &format!("127.0.0.1:{port}"));
    assert_eq!(quick.run(&["doctor", "--quick"]).code, 0);
    daemon.sigterm().unwrap();
    let ended = daemon.wait_exit(Duration::from_secs(20)).await.unwrap();
    assert!(ended.success(), "{}", daemon.output().unwrap());
    assert!(daemon.output().unwrap().contains("drained"));
}

#[tokio::test]
async fn a_port_in_use_is_told_and_nothing_runs() {
    let program = installed();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let program = program.env("HABEAS__HTTP__LISTEN", &listen);
    let ran = program.run(&["serve"]);
    assert_eq!(ran.code, 69, "{ran:?}");
    assert!(ran.err.contains(&listen), "{ran:?}");
}

#[test]
fn roles_that_cannot_meet_are_refused() {
    let ran = installed().run(&["serve", "--roles", "api"]);
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(ran.err.contains("rabbitmq"), "{ran:?}");
    assert_eq!(installed().run(&["serve", "--roles", "everything"]).code, 2);
}
