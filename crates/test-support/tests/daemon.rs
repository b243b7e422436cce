//! The daemon under test, with a shell in its place: what is tested here is the handling of the process.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

use std::time::Duration;

use habeas_test_support::daemon::DaemonOptions;
use habeas_test_support::{Port, TestDaemon, wait};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const LIMIT: Duration = Duration::from_mins(1);

fn shell(script: &str) -> DaemonOptions {
    DaemonOptions::new().program("/bin/sh").args(["-c", script])
}

fn state(pid: i32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.trim().chars().next()
}

async fn printed(daemon: &TestDaemon, text: &str) {
    wait::until(format!("the output {text:?}"), LIMIT, || async { daemon.output().unwrap().contains(text) })
        .await
        .unwrap();
}

#[tokio::test]
async fn signals_reach_the_process() {
    let script = "trap 'echo drained; exit 3' TERM; sleep 60 & echo \"up $GREETING\"; wait";
    let daemon = TestDaemon::start(shell(script).env("GREETING", "hello")).await.unwrap();
    printed(&daemon, "up hello").await;
    let pid = daemon.pid().unwrap();
    daemon.sigstop().unwrap();
    wait::until("the process to freeze", LIMIT, || async { state(pid) == Some('T') }).await.unwrap();
    daemon.sigcont().unwrap();
    wait::until("the process to go on", LIMIT, || async { state(pid) != Some('T') }).await.unwrap();
    daemon.sigterm().unwrap();
    assert_eq!(daemon.wait_exit(LIMIT).await.unwrap().code(), Some(3));
    printed(&daemon, "drained").await;
    assert!(!daemon.is_running());
}

#[tokio::test]
async fn a_killed_process_and_its_children_are_gone() {
    let daemon = TestDaemon::start(shell("setsid sleep 61 & echo \"child $!\"; wait")).await.unwrap();
    printed(&daemon, "child").await;
    let output = daemon.output().unwrap();
    let child: i32 = output.trim().rsplit(' ').next().unwrap().parse().unwrap();
    let pid = daemon.pid().unwrap();
    assert!(state(child).is_some());
    daemon.sigkill().unwrap();
    for pid in [pid, child] {
        assert!(matches!(state(pid), None | Some('Z')), "{pid}");
    }
    daemon.spawn().unwrap();
    assert!(daemon.is_running());
    let (again, folder) = (daemon.pid().unwrap(), daemon.folder().to_owned());
    drop(daemon);
    assert!(state(again).is_none());
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_start_waits_until_the_daemon_is_ready() {
    let port = Port::reserve().unwrap();
    let listener = TcpListener::bind(port.address()).await.unwrap();
    let server = tokio::spawn(async move {
        for status in ["503 Service Unavailable", "200 OK"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 1000];
            let read = stream.read(&mut request).await.unwrap();
            assert!(request[..read].starts_with(b"GET /readyz "));
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    TestDaemon::start(shell("sleep 60").ready_port(port.number())).await.unwrap();
    server.await.unwrap();
}

#[tokio::test]
async fn a_start_that_fails_shows_the_output() {
    let port = Port::reserve().unwrap();
    let options = shell("echo bad configuration >&2; exit 78").ready_port(port.number());
    let failure = format!("{:#}", TestDaemon::start(options).await.unwrap_err());
    assert!(failure.contains("bad configuration") && failure.contains("78"), "{failure}");
}

/// Runs itself a second time, as the test process that is killed and whose `Drop` therefore never runs.
#[tokio::test]
async fn a_killed_test_leaves_no_process_behind() {
    const INNER: &str = "HABEAS_TEST_TO_BE_KILLED";
    if std::env::var_os(INNER).is_some() {
        let daemon = TestDaemon::start(shell("sleep 60")).await.unwrap();
        println!("started {}", daemon.pid().unwrap());
        std::future::pending::<()>().await;
    }
    let myself = DaemonOptions::new()
        .program(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_test_leaves_no_process_behind", "--nocapture"])
        .env(INNER, "1");
    let inner = TestDaemon::start(myself).await.unwrap();
    printed(&inner, "started ").await;
    let output = inner.output().unwrap();
    let server: i32 = output.lines().find_map(|line| line.split_once("started ")).unwrap().1.parse().unwrap();
    assert!(!matches!(state(server), None | Some('Z')));
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(inner.pid().unwrap()),
        nix::sys::signal::Signal::SIGKILL,
    )
    .unwrap();
    wait::until("the server to be ended", LIMIT, || async { matches!(state(server), None | Some('Z')) })
        .await
        .unwrap();
}
