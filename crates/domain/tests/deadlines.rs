//! Deadlines: counted by hand for real days, and held to their rules for any day.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use habeas_domain::{
    Calendar, Calendars, Deadline, Regime, RegimeId, Regimes, Right,
    deadline::ExtensionRefused,
    regime::{Confidence, FirstDay},
};
use proptest::prelude::*;

#[derive(Debug)]
struct Law {
    regime: Regime,
    calendar: Calendar,
}

impl Law {
    fn of(id: &str) -> Self {
        let regimes = Regimes::builtin().expect("embedded regimes parse");
        let regime = regimes.get(&RegimeId::new(id).expect("an id")).expect("embedded").clone();
        let calendar =
            Calendars::builtin().expect("embedded calendars parse").of(&regime).expect("its calendar");
        Self { regime, calendar }
    }

    /// Noon of `day` in the law's own time zone.
    fn noon(&self, day: &str) -> DateTime<Utc> {
        let noon = date(day).and_hms_opt(12, 0, 0).expect("noon");
        self.regime.time_zone.from_local_datetime(&noon).single().expect("one noon").with_timezone(&Utc)
    }

    fn deadline(&self, received: &str) -> Deadline {
        Deadline::compute(&self.regime, &self.calendar, &[Right::Access], self.noon(received), None)
    }

    fn due(&self, received: &str) -> (String, String) {
        let deadline = self.deadline(received);
        (deadline.due_on.to_string(), deadline.alert_on.to_string())
    }

    fn extended(&self, received: &str) -> Deadline {
        let first = self.deadline(received);
        let at = self.noon(received);
        first.extend(&self.regime, &self.calendar, &[Right::Access], at).expect("it can be extended")
    }
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn pair(due: &str, alert: &str) -> (String, String) {
    (due.to_owned(), alert.to_owned())
}

#[test]
fn a_european_month_by_hand() {
    let law = Law::of("eu_gdpr");
    assert_eq!(law.due("2026-11-20"), pair("2026-12-21", "2026-12-21"), "20 December is a Sunday");
    assert_eq!(law.due("2026-11-18"), pair("2026-12-18", "2026-12-18"), "a Friday");
    assert_eq!(law.due("2027-01-31"), pair("2027-03-01", "2027-03-01"), "28 February is a Sunday");
    assert_eq!(law.due("2028-01-31"), pair("2028-02-29", "2028-02-29"), "a leap year, a Tuesday");
    assert_eq!(law.due("2026-08-31"), pair("2026-09-30", "2026-09-30"), "September has no 31st");
}

#[test]
fn a_configured_holiday_rolls_a_european_month() {
    let mut law = Law::of("eu_gdpr");
    law.calendar = law.calendar.with_holiday(date("2026-12-25"), "Christmas Day");
    assert_eq!(law.due("2026-11-25"), pair("2026-12-28", "2026-12-28"), "a holiday, then a weekend");
    let basis = law.deadline("2026-11-25").basis;
    assert!(basis.en.contains("Christmas Day") && basis.ja.contains("Christmas Day"), "{basis:?}");
}

#[test]
fn a_british_month_by_hand() {
    let law = Law::of("uk_gdpr");
    assert_eq!(
        law.due("2026-09-03"),
        pair("2026-10-05", "2026-10-02"),
        "3 October is a Saturday; or Friday the 2nd"
    );
    assert_eq!(
        law.due("2026-11-25"),
        pair("2026-12-29", "2026-12-24"),
        "Christmas, weekend, Boxing Day's substitute"
    );
    assert_eq!(law.due("2026-03-03"), pair("2026-04-07", "2026-04-02"), "Good Friday to Easter Monday");
}

#[test]
fn a_british_clock_starts_when_identity_is_proven() {
    let law = Law::of("uk_gdpr");
    let (received, verified) = (law.noon("2026-09-01"), law.noon("2026-09-15"));
    let open = Deadline::compute(&law.regime, &law.calendar, &[Right::Access], received, None);
    let proven = Deadline::compute(&law.regime, &law.calendar, &[Right::Access], received, Some(verified));
    assert_eq!(open.due_on, date("2026-10-01"));
    assert!(open.basis.en.contains("not proven yet"), "{:?}", open.basis);
    assert_eq!((proven.counted_from, proven.due_on), (date("2026-09-15"), date("2026-10-15")));
    assert!(!proven.basis.en.contains("not proven yet"));
}

#[test]
fn californian_days_by_hand() {
    let law = Law::of("us_ca");
    assert_eq!(law.due("2026-11-20"), pair("2027-01-04", "2027-01-03"), "45 days, or 45 that begin that day");
    assert_eq!(law.due("2026-11-21"), pair("2027-01-05", "2027-01-04"));
    let verified = Deadline::compute(
        &law.regime,
        &law.calendar,
        &[Right::Deletion],
        law.noon("2026-11-20"),
        Some(law.noon("2026-12-20")),
    );
    assert_eq!(verified.due_on, date("2027-01-04"), "identity does not stop the clock");
}

#[test]
fn californian_receipt_is_confirmed_in_ten_business_days() {
    let deadline = Law::of("us_ca").deadline("2026-11-20");
    assert_eq!(deadline.acknowledge_by, Some(date("2026-12-04")), "Thanksgiving counted as a business day");
    assert_eq!(Law::of("eu_gdpr").deadline("2026-11-20").acknowledge_by, None);
}

#[test]
fn japan_has_two_weeks_by_policy_and_says_so() {
    let law = Law::of("jp_appi");
    assert_eq!(law.due("2026-11-20"), pair("2026-12-04", "2026-12-04"));
    let deadline = law.deadline("2026-11-20");
    assert!(
        deadline.basis.en.contains("policy") && deadline.basis.ja.contains("法務に要確認"),
        "{:?}",
        deadline.basis
    );
    assert_eq!(law.regime.timing.respond.confidence, Confidence::Unsure);
    assert_eq!(deadline.due_at.to_rfc3339(), "2026-12-04T14:59:59+00:00", "the end of the day in Tokyo");
}

#[test]
fn the_day_of_receipt_is_the_regimes_own() {
    let law = Law::of("jp_appi");
    let evening = Utc.with_ymd_and_hms(2026, 11, 20, 15, 30, 0).single().expect("a moment");
    let deadline = Deadline::compute(&law.regime, &law.calendar, &[Right::Access], evening, None);
    assert_eq!(deadline.counted_from, date("2026-11-21"), "half past midnight in Tokyo");
}

#[test]
fn extensions_by_hand() {
    let european = Law::of("eu_gdpr").extended("2026-11-20");
    assert_eq!(european.due_on, date("2027-02-22"), "three months, 20 February is a Saturday");
    assert!(european.extended && european.extend_by.is_none());
    let clamped = Law::of("eu_gdpr").extended("2027-01-31");
    assert_eq!(clamped.due_on, date("2027-04-30"), "three months from receipt");
    assert_eq!(clamped.alert_on, date("2027-04-28"), "or two months from 28 February");
    let californian = Law::of("us_ca").extended("2026-11-20");
    assert_eq!(californian.due_on, date("2027-02-18"), "90 days from receipt");
    assert_eq!(californian.acknowledge_by, Some(date("2026-12-04")), "an extension does not move it");
}

#[test]
fn an_extension_is_told_in_time_and_once() {
    let law = Law::of("eu_gdpr");
    let first = law.deadline("2026-11-20");
    let extend = |deadline: &Deadline, day: &str| {
        deadline.extend(&law.regime, &law.calendar, &[Right::Access], law.noon(day))
    };
    assert!(extend(&first, "2026-12-21").is_ok(), "on the last day");
    assert_eq!(extend(&first, "2026-12-22"), Err(ExtensionRefused::TooLate(date("2026-12-21"))));
    let longer = extend(&first, "2026-12-01").expect("in time");
    assert_eq!(extend(&longer, "2026-12-02"), Err(ExtensionRefused::AlreadyExtended));
    let japan = Law::of("jp_appi");
    let refused = japan.deadline("2026-11-20").extend(
        &japan.regime,
        &japan.calendar,
        &[Right::Access],
        japan.noon("2026-11-21"),
    );
    assert_eq!(refused, Err(ExtensionRefused::NotOffered(japan.regime.id.clone())));
}

#[test]
fn of_several_rights_the_earliest_rules() {
    let mut law = Law::of("us_ca");
    let mut quick = law.regime.timing.respond.clone();
    quick.value = "15 business days".parse().expect("a period");
    let rule = law.regime.rights.get_mut(&Right::Correction).expect("offered");
    rule.respond = Some(quick);
    rule.extendable = false;
    let both = [Right::Access, Right::Correction];
    let deadline = Deadline::compute(&law.regime, &law.calendar, &both, law.noon("2026-11-02"), None);
    assert_eq!(deadline.due_on, date("2026-11-24"), "15 business days with Veterans Day closed");
    assert_eq!(deadline.alert_on, date("2026-11-20"), "with the day of receipt, and no holiday");
    assert_eq!(deadline.extend_by, None, "one of them cannot be extended");
}

#[test]
fn the_basis_is_worth_reading() {
    let shown =
        ["eu_gdpr", "uk_gdpr", "us_ca", "jp_appi"].map(|id| (id, Law::of(id).deadline("2026-11-20").basis));
    insta::assert_json_snapshot!(shown);
}

#[test]
fn years_without_holidays_are_named() {
    let basis = Law::of("uk_gdpr").deadline("2031-05-05").basis.en;
    assert!(basis.contains("No holidays of 2031"), "{basis}");
}

fn laws() -> impl Strategy<Value = Law> {
    prop::sample::select(vec!["eu_gdpr", "uk_gdpr", "us_ca", "jp_appi"]).prop_map(Law::of)
}

/// Any moment from 2026 to 2029.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    let start = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).single().expect("a moment");
    (0_i64..4 * 365 * 24 * 60).prop_map(move |minutes| start + TimeDelta::minutes(minutes))
}

fn rights() -> impl Strategy<Value = Vec<Right>> {
    prop::sample::subsequence(Right::ALL.to_vec(), 0..=Right::ALL.len())
}

proptest! {
    #[test]
    fn nothing_is_due_before_it_arrived(law in laws(), at in moments(), rights in rights(), wait in 0_i64..40) {
        let verified = at + TimeDelta::days(wait);
        for proven in [None, Some(verified)] {
            let deadline = Deadline::compute(&law.regime, &law.calendar, &rights, at, proven);
            prop_assert!(deadline.due_at > at);
            prop_assert!(deadline.alert_on > deadline.counted_from);
            prop_assert!(deadline.alert_on <= deadline.due_on);
            prop_assert!(deadline.acknowledge_by.is_none_or(|day| day > deadline.counted_from));
            prop_assert_eq!(deadline.due_at.with_timezone(&law.regime.time_zone).date_naive(), deadline.due_on);
        }
    }

    #[test]
    fn rolling_never_ends_on_a_closed_day(law in laws(), at in moments(), rights in rights()) {
        let deadline = Deadline::compute(&law.regime, &law.calendar, &rights, at, None);
        if law.regime.timing.rolls.value {
            prop_assert!(law.calendar.is_open(deadline.due_on));
            if let Ok(longer) = deadline.extend(&law.regime, &law.calendar, &rights, at) {
                prop_assert!(law.calendar.is_open(longer.due_on));
            }
        }
    }

    #[test]
    fn who_comes_later_is_due_no_earlier(law in laws(), at in moments(), more in 0_i64..60 * 24 * 60) {
        let compute = |at| Deadline::compute(&law.regime, &law.calendar, &[Right::Access], at, None);
        let (first, second) = (compute(at), compute(at + TimeDelta::minutes(more)));
        prop_assert!(first.due_at <= second.due_at);
        prop_assert!(first.alert_on <= second.alert_on);
    }

    #[test]
    fn an_extension_only_adds(law in laws(), at in moments()) {
        let first = Deadline::compute(&law.regime, &law.calendar, &[Right::Access], at, None);
        if let Ok(longer) = first.extend(&law.regime, &law.calendar, &[Right::Access], at) {
            prop_assert!(longer.due_on > first.due_on && longer.alert_on > first.alert_on);
            prop_assert!(longer.alert_on <= longer.due_on);
        }
    }

    #[test]
    fn a_month_ends_on_the_same_number_or_the_last_day(at in moments()) {
        let mut law = Law::of("eu_gdpr");
        law.regime.timing.rolls.value = false;
        prop_assert_eq!(law.regime.timing.first_day.value, FirstDay::Excluded);
        let deadline = Deadline::compute(&law.regime, &law.calendar, &[Right::Access], at, None);
        let (from, due) = (deadline.counted_from, deadline.due_on);
        let last_of_month = due.checked_add_days(Days::new(1)).expect("a day").day() == 1;
        prop_assert_eq!(due.month0(), (from.month0() + 1) % 12);
        prop_assert!(due.day() == from.day() || (last_of_month && due.day() < from.day()));
    }
}
