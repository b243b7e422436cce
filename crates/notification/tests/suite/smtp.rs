//! SMTP, with a server that misbehaves in every way.

use std::time::Duration;

use crate::common::outgoing;
use habeas_domain::Retry;
use habeas_notification::{
    OutgoingMail, SmtpTransport, Transport as _, TransportError,
    transport::smtp::{SmtpLimits, SmtpLogin, SmtpOptions, SmtpSecurity},
};
use habeas_test_support::{Refusal, SmtpMode, SmtpSink};

const HANAKO: &str = "hanako@example.jp";
const TARO: &str = "taro@example.jp";
/// Soon over where a server says nothing, and longer than one that answers takes on a busy machine.
const SHORT: Duration = Duration::from_secs(2);

/// Longer than anything that is expected to happen.
const LIMIT: Duration = Duration::from_mins(1);

fn options(sink: &SmtpSink) -> SmtpOptions {
    SmtpOptions {
        host: sink.host().to_owned(),
        port: sink.port(),
        security: SmtpSecurity::Plain,
        allow_plaintext_to: None,
        login: None,
        hello: Some("habeas.test".to_owned()),
        extra_root: None,
        connections: 2,
        limits: SmtpLimits::default(),
    }
}

fn transport(sink: &SmtpSink) -> SmtpTransport {
    SmtpTransport::new(options(sink)).unwrap()
}

fn impatient(sink: &SmtpSink) -> SmtpTransport {
    let limits = SmtpLimits { connect: SHORT, command: SHORT, content: SHORT };
    SmtpTransport::new(SmtpOptions { limits, ..options(sink) }).unwrap()
}

/// The fault, after checking that it tells nothing about the person.
fn fault(error: &TransportError) -> (String, Retry) {
    let fault = error.to_fault();
    let shown = format!("{error:?} {error} {fault}");
    assert!(!shown.contains("hanako") && !shown.contains("example.jp"), "{shown}");
    (fault.code, fault.retry)
}

#[tokio::test]
async fn mails_arrive_as_they_were_composed() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = transport(&sink);
    transport.probe().await.unwrap();
    for number in 0..5 {
        transport.send(&outgoing(number, HANAKO)).await.unwrap();
    }
    let mails = sink.mails();
    assert_eq!(mails.len(), 5);
    for (number, mail) in (0..).zip(&mails) {
        assert_eq!(mail.from, "privacy@example.com");
        assert_eq!(mail.to, [HANAKO]);
        let sent = outgoing(number, HANAKO);
        assert_eq!(mail.data.trim_ascii_end(), sent.raw.expose().trim_ascii_end());
        assert_eq!(mail.read().unwrap().code().unwrap(), "40718263");
    }
}

#[tokio::test]
async fn a_login_is_used_and_a_wrong_one_is_our_fault_not_the_mails() {
    let sink = SmtpSink::start_with_login("habeas", "secret").await.unwrap();
    let with = |password: &str| {
        let login = SmtpLogin { user: "habeas".to_owned(), password: password.to_owned() };
        SmtpTransport::new(SmtpOptions { login: Some(login), ..options(&sink) }).unwrap()
    };
    with("secret").send(&outgoing(1, HANAKO)).await.unwrap();
    let error = with("wrong").send(&outgoing(2, HANAKO)).await.unwrap_err();
    assert_eq!(fault(&error), ("mail-login-refused".to_owned(), Retry::Later));
    let error = transport(&sink).send(&outgoing(3, HANAKO)).await.unwrap_err();
    assert_eq!(fault(&error), ("mail-login-refused".to_owned(), Retry::Later));
    assert_eq!(sink.count(), 1);
}

#[tokio::test]
async fn a_refused_recipient_is_final_and_holds_up_nobody_else() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = transport(&sink);
    sink.refuse(HANAKO, Refusal::Permanent);
    let error = transport.send(&outgoing(1, HANAKO)).await.unwrap_err();
    assert_eq!(fault(&error), ("recipient-refused".to_owned(), Retry::Never));
    transport.send(&outgoing(2, TARO)).await.unwrap();
    assert_eq!(sink.mails_to(TARO).len(), 1);
}

#[tokio::test]
async fn a_deferred_mail_can_be_sent_later() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = transport(&sink);
    sink.set_mode(SmtpMode::Temporary);
    let error = transport.send(&outgoing(1, HANAKO)).await.unwrap_err();
    assert_eq!(fault(&error), ("mail-deferred".to_owned(), Retry::Later));
    assert!(!error.may_have_arrived());
    sink.set_mode(SmtpMode::Accept);
    transport.send(&outgoing(1, HANAKO)).await.unwrap();
    assert_eq!(sink.count(), 1);
}

#[tokio::test]
async fn a_server_that_is_down_and_comes_back_gets_the_mail() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = impatient(&sink);
    transport.send(&outgoing(1, HANAKO)).await.unwrap();
    sink.set_mode(SmtpMode::Down);
    let error = transport.send(&outgoing(2, HANAKO)).await.unwrap_err();
    assert_eq!(fault(&error).1, Retry::Later);
    assert!(!error.may_have_arrived());
    sink.set_mode(SmtpMode::Accept);
    habeas_test_support::wait::until("the server to be back", LIMIT, || async {
        transport.send(&outgoing(2, HANAKO)).await.is_ok()
    })
    .await
    .unwrap();
    assert_eq!(sink.count(), 2);
}

#[tokio::test]
async fn a_silent_server_is_given_up_on_at_the_limit() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = impatient(&sink);
    transport.send(&outgoing(1, HANAKO)).await.unwrap();
    sink.set_mode(SmtpMode::BlackHole);
    let mail = outgoing(2, HANAKO);
    let tried = tokio::time::timeout(LIMIT, transport.send(&mail));
    let error = tried.await.expect("the limit holds").unwrap_err();
    // A connection that was just used is used again without asking whether it still lives.
    assert!(matches!(error, TransportError::Timeout { limit: SHORT, .. }), "{error:?}");
    assert!(!error.may_have_arrived());
    assert_eq!(fault(&error), ("mail-server-silent".to_owned(), Retry::Later));
    sink.set_mode(SmtpMode::Accept);
    transport.send(&outgoing(2, HANAKO)).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_is_told_and_a_second_sending_carries_the_same_id() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = transport(&sink);
    sink.set_mode(SmtpMode::DropAfterData);
    let error = transport.send(&outgoing(1, HANAKO)).await.unwrap_err();
    assert!(error.may_have_arrived());
    assert_eq!(fault(&error), ("mail-answer-lost".to_owned(), Retry::Later));
    sink.set_mode(SmtpMode::Accept);
    transport.send(&outgoing(1, HANAKO)).await.unwrap();

    let mails = sink.mails();
    assert_eq!(mails.iter().map(|mail| mail.acknowledged).collect::<Vec<_>>(), [false, true]);
    let ids: Vec<_> = mails.iter().map(|mail| mail.read().unwrap().header("Message-ID")).collect();
    assert!(ids[0].is_some() && ids[0] == ids[1]);
    assert_eq!(mails[0].data, mails[1].data);
}

/// What a pooled connection does wrong when its user gives up: the next mail must not begin inside the cut one.
#[tokio::test]
async fn giving_up_in_mid_mail_spoils_no_other_mail() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = transport(&sink);
    transport.send(&outgoing(1, HANAKO)).await.unwrap();
    sink.set_mode(SmtpMode::Slow(Duration::from_millis(50)));
    for cut_after in [20, 70, 120, 170, 220] {
        let cut = outgoing(2, HANAKO);
        let _ = tokio::time::timeout(Duration::from_millis(cut_after), transport.send(&cut)).await;
    }
    sink.set_mode(SmtpMode::Accept);
    transport.send(&outgoing(3, TARO)).await.unwrap();
    let mails = sink.mails_to(TARO);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, [TARO]);
    assert_eq!(mails[0].data.trim_ascii_end(), outgoing(3, TARO).raw.expose().trim_ascii_end());
}

#[tokio::test]
async fn many_mails_at_once_share_the_connections() {
    let sink = SmtpSink::start().await.unwrap();
    let transport = std::sync::Arc::new(transport(&sink));
    let sends = (0..50_u64).map(|number| {
        let transport = transport.clone();
        tokio::spawn(async move { transport.send(&outgoing(number, HANAKO)).await })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap().unwrap();
    }
    let ids: std::collections::HashSet<_> =
        sink.mails().iter().map(|mail| mail.read().unwrap().header("Message-ID").unwrap()).collect();
    assert_eq!((sink.count(), ids.len()), (50, 50));
}

#[tokio::test]
async fn nothing_is_said_to_a_server_without_the_tls_it_must_have() {
    let sink = SmtpSink::start().await.unwrap();
    for security in [SmtpSecurity::StartTls, SmtpSecurity::Tls] {
        let login = Some(SmtpLogin { user: "habeas".to_owned(), password: "secret".to_owned() });
        let limits = SmtpLimits { connect: SHORT, ..SmtpLimits::default() };
        let transport =
            SmtpTransport::new(SmtpOptions { security, login, limits, ..options(&sink) }).unwrap();
        let error = transport.send(&outgoing(1, HANAKO)).await.unwrap_err();
        assert_eq!(fault(&error).1, Retry::Later);
        assert_eq!(sink.count(), 0, "{error}");
    }
}

#[tokio::test]
async fn a_mail_that_wants_no_reports_leaves_with_the_null_address() {
    let sink = SmtpSink::start().await.unwrap();
    transport(&sink).send(&OutgoingMail { envelope_from: None, ..outgoing(1, HANAKO) }).await.unwrap();
    assert_eq!(sink.mails()[0].from, "");
    assert_eq!(sink.mails()[0].to, [HANAKO]);
}
