//! What `habeas mail explain` says of a sender.

use habeas_test_support::DnsServer;

use crate::program::Program;

const MAIL: &str = "Return-Path: <hanako@example.jp>\n\
    Authentication-Results: mx.example.com; dmarc=pass header.from=example.jp\n\
    Received: from mail.example.jp (mail.example.jp [203.0.113.5]) by mx.example.com; Mon, 3 Mar 2025 09:00:01 +0000\n\
    From: Hanako <hanako@example.jp>\nTo: privacy@example.com\nSubject: My data\n\nPlease send me a copy of my data.\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_judged_by_whom_one_names_and_by_nobody_else() {
    let program = Program::with("");
    program.write("mail.eml", MAIL);
    let file = program.path("mail.eml");
    let explain = |options: &[&str]| {
        let mut args = vec!["mail", "explain", file.to_str().unwrap(), "--output", "json"];
        args.extend(options);
        program.run(&args)
    };
    let sender = |options: &[&str]| explain(options).json()["sender"].clone();
    assert_eq!(sender(&[])["authentication"], "none");
    assert!(sender(&[])["evidence"].is_null());
    let reported = sender(&["--authserv-id", "mx.example.com"]);
    assert_eq!(
        (&reported["authentication"], &reported["evidence"][0]["source"]),
        (&"aligned".into(), &"reported".into())
    );
    assert_eq!(sender(&["--authserv-id", "mx.attacker.test"])["authentication"], "none");
    let dns = DnsServer::start().await.unwrap();
    dns.txt("_dmarc.example.jp", "v=DMARC1; p=reject");
    let (address, explain) = (dns.address().to_string(), &sender);
    let checked = tokio::task::block_in_place(|| explain(&["--dns", &address]));
    assert_eq!(checked["authentication"], "unaligned");
}

#[test]
fn a_name_server_that_is_none_is_a_mistake_of_usage() {
    let program = Program::with("");
    program.write("mail.eml", MAIL);
    let file = program.path("mail.eml");
    let ran = program.run(&["mail", "explain", file.to_str().unwrap(), "--dns", "resolver.example.com"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("192.0.2.53:53"), "{}", ran.err);
}
