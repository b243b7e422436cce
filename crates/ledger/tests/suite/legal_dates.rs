//! The dates of the law: the alarm at its strictest reading, and the day by which the receipt is confirmed.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use habeas_domain::{AcknowledgementRefused, ConfirmedBy, RequestId, RequestState, Right};
use habeas_ledger::{LedgerError, NewRequest, OpenByDue, RequestFilter, WaitsFor};

use crate::{
    samples::new_request,
    steps::staff,
    world::{World, start},
};

on_both!(
    the_alarm_stands_at_the_earliest_reading,
    an_extension_moves_the_alarm,
    what_has_no_earlier_reading_goes_by_its_last_day,
    a_last_day_that_was_moved_before_the_alarm_counts,
    a_receipt_that_is_not_confirmed_is_reported_once,
    a_confirmed_receipt_is_reported_never,
    a_receipt_confirmed_late_ends_the_wait,
    staff_mark_what_they_confirmed_themselves,
    only_what_is_owed_is_marked,
    an_ended_request_owes_no_receipt,
);

const AHEAD: Duration = Duration::from_hours(72);

fn day(days: i64) -> NaiveDate {
    (start() + TimeDelta::days(days)).date_naive()
}

/// A request that is due after 31 days, or after 20 in another reading.
fn disputed_date() -> NewRequest {
    let mut new = new_request("hanako@example.jp", &[Right::Access]);
    new.deadline.alert_on = day(20);
    new.deadline.alert_at = start() + TimeDelta::days(20);
    new
}

/// A request whose receipt must be confirmed within ten days.
fn to_be_acknowledged() -> NewRequest {
    let mut new = new_request("hanako@example.jp", &[Right::Access]);
    new.deadline.acknowledge_by = Some(day(10));
    new.deadline.acknowledge_at = Some(start() + TimeDelta::days(10));
    new
}

async fn listed(world: &World, filter: RequestFilter) -> Vec<RequestId> {
    let page = world.ledger.list_requests(&filter, None, 10).await.unwrap();
    page.items.iter().map(|view| view.id).collect()
}

async fn near(world: &World) -> Vec<RequestId> {
    let near = world.ledger.report_near_due(AHEAD, 10).await.unwrap();
    near.iter().map(|one| one.request).collect()
}

async fn owed(world: &World) -> Vec<RequestId> {
    let owed = world.ledger.report_unacknowledged(AHEAD, 10).await.unwrap();
    owed.iter().map(|one| one.request).collect()
}

async fn unacknowledged(world: &World) -> Vec<RequestId> {
    listed(world, RequestFilter { unacknowledged: true, ..RequestFilter::default() }).await
}

async fn the_alarm_stands_at_the_earliest_reading(world: World) {
    let request = world.accept(disputed_date()).await;
    world.clock.advance(TimeDelta::days(16));
    assert!(near(&world).await.is_empty(), "four days before it");
    world.clock.advance(TimeDelta::days(2));
    let told = world.ledger.report_near_due(AHEAD, 10).await.unwrap();
    assert_eq!((told[0].request, told[0].due_at), (request, start() + TimeDelta::days(20)));
    let before = Some(start() + TimeDelta::days(21));
    let due = RequestFilter { due_before: before, ..RequestFilter::default() };
    assert_eq!(listed(&world, due).await, [request], "what the alert says to run finds it");
    let view = world.view(request).await;
    assert_eq!((view.due_on, view.alert_on), (day(31), Some(day(20))));
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(world.ledger.open_by_due().await.unwrap().overdue, 1);
}

async fn an_extension_moves_the_alarm(world: World) {
    let request = world.accept(disputed_date()).await;
    world.clock.advance(TimeDelta::days(18));
    assert_eq!(near(&world).await, [request]);
    let mut later = disputed_date().deadline;
    (later.due_on, later.due_at) = (day(90), start() + TimeDelta::days(90));
    (later.alert_on, later.alert_at) = (day(85), start() + TimeDelta::days(85));
    world.ledger.extend(request, &later, &"many stores".parse().unwrap(), staff(2)).await.unwrap();
    assert!(near(&world).await.is_empty());
    assert_eq!(world.view(request).await.alert_on, Some(day(85)));
    world.clock.advance(TimeDelta::days(65));
    assert_eq!(near(&world).await, [request], "once more, before the new date");
}

async fn what_has_no_earlier_reading_goes_by_its_last_day(world: World) {
    let request = world.accept(disputed_date()).await;
    world.run("UPDATE request SET alert_on = NULL, alert_at = NULL").await;
    world.clock.advance(TimeDelta::days(18));
    assert!(near(&world).await.is_empty());
    world.clock.advance(TimeDelta::days(11));
    assert_eq!(near(&world).await, [request], "as before the step of the schema");
    assert_eq!(world.view(request).await.alert_on, None);
}

async fn a_last_day_that_was_moved_before_the_alarm_counts(world: World) {
    let request = world.accept(disputed_date()).await;
    let sooner = (start() + TimeDelta::days(10)).timestamp_micros();
    world.run(&format!("UPDATE request SET due_at = {sooner}")).await;
    world.clock.advance(TimeDelta::days(8));
    assert_eq!(near(&world).await, [request], "by a release that knows of no alarm");
}

async fn a_receipt_that_is_not_confirmed_is_reported_once(world: World) {
    let request = world.accept(to_be_acknowledged()).await;
    assert!(owed(&world).await.is_empty(), "there is time");
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::Acknowledgement));
    world.clock.advance(TimeDelta::days(8));
    let told = world.ledger.report_unacknowledged(AHEAD, 10).await.unwrap();
    assert_eq!((told[0].request, told[0].state), (request, RequestState::AwaitingVerification));
    assert_eq!(told[0].acknowledge_at, start() + TimeDelta::days(10));
    assert!(owed(&world).await.is_empty(), "once");
    assert_eq!(unacknowledged(&world).await, [request]);
    let soon = OpenByDue { within_72h: 1, ..OpenByDue::default() };
    assert_eq!(world.ledger.gauges().await.unwrap().unacknowledged, soon);
    world.clock.advance(TimeDelta::days(3));
    let late = OpenByDue { overdue: 1, ..OpenByDue::default() };
    assert_eq!(world.ledger.gauges().await.unwrap().unacknowledged, late);
    assert!(world.events(request).await.contains(&"unacknowledged".to_owned()));
    world.assert_audit_whole().await;
}

async fn a_confirmed_receipt_is_reported_never(world: World) {
    let request = world.accept(to_be_acknowledged()).await;
    assert_eq!(world.send_mails(request).await, ["received"]);
    assert!(!world.view(request).await.waits_for.contains(&WaitsFor::Acknowledgement));
    assert!(unacknowledged(&world).await.is_empty());
    world.clock.advance(TimeDelta::days(12));
    assert!(owed(&world).await.is_empty());
    assert_eq!(world.number("SELECT count(*) AS n FROM request WHERE acknowledged_at IS NOT NULL").await, 1);
    assert_eq!(world.ledger.gauges().await.unwrap().unacknowledged, OpenByDue::default());
}

async fn a_receipt_confirmed_late_ends_the_wait(world: World) {
    let request = world.accept(to_be_acknowledged()).await;
    world.clock.advance(TimeDelta::days(11));
    assert_eq!(owed(&world).await, [request]);
    world.send_mails(request).await;
    assert!(owed(&world).await.is_empty());
    assert!(unacknowledged(&world).await.is_empty());
    assert_eq!(world.number("SELECT count(*) AS n FROM request WHERE acknowledged_at IS NOT NULL").await, 1);
}

async fn staff_mark_what_they_confirmed_themselves(world: World) {
    let request = world.accept(to_be_acknowledged()).await;
    world.clock.advance(TimeDelta::days(8));
    assert_eq!(owed(&world).await, [request]);
    let told = |on| world.ledger.acknowledge(request, (ConfirmedBy::Post, on), staff(2));
    let refused = told(day(12)).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Acknowledgement(AcknowledgementRefused::Day { .. })), "{refused}");
    assert!(world.view(request).await.waits_for.contains(&WaitsFor::Acknowledgement), "nothing was marked");
    told(day(7)).await.unwrap();
    let view = world.view(request).await;
    assert!(!view.waits_for.contains(&WaitsFor::Acknowledgement));
    assert_eq!(view.acknowledged_at.map(|at| at.date_naive()), Some(day(7)));
    assert!(unacknowledged(&world).await.is_empty());
    assert_eq!(world.ledger.gauges().await.unwrap().unacknowledged, OpenByDue::default());
    world.clock.advance(TimeDelta::days(8));
    assert!(owed(&world).await.is_empty());
    let again = told(day(7)).await.unwrap_err();
    assert!(matches!(again, LedgerError::Acknowledgement(AcknowledgementRefused::Confirmed)), "{again}");
    assert_eq!(world.events(request).await.iter().filter(|event| *event == "acknowledged").count(), 1);
    world.assert_audit_whole().await;
}

async fn only_what_is_owed_is_marked(world: World) {
    let told = |request| world.ledger.acknowledge(request, (ConfirmedBy::Telephone, day(0)), staff(2));
    let no_day = world.accept(disputed_date()).await;
    let refused = told(no_day).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Acknowledgement(AcknowledgementRefused::NotAwaited)), "{refused}");
    let by_mail = world.accept(to_be_acknowledged()).await;
    world.send_mails(by_mail).await;
    assert!(world.view(by_mail).await.acknowledged_at.is_some());
    let refused = told(by_mail).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Acknowledgement(AcknowledgementRefused::Confirmed)), "{refused}");
    let closed = world.accept(to_be_acknowledged()).await;
    world.ledger.withdraw(closed, staff(2)).await.unwrap();
    assert!(matches!(told(closed).await.unwrap_err(), LedgerError::Illegal(_)));
}

async fn an_ended_request_owes_no_receipt(world: World) {
    let request = world.accept(to_be_acknowledged()).await;
    world.ledger.withdraw(request, staff(2)).await.unwrap();
    world.clock.advance(TimeDelta::days(11));
    assert!(owed(&world).await.is_empty());
    assert!(unacknowledged(&world).await.is_empty());
    assert!(!world.view(request).await.waits_for.contains(&WaitsFor::Acknowledgement));
}
