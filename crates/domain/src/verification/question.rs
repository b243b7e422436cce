//! Questions about recent dealings: what the stores say, what a person types, and whether the two are the same.

mod month;
mod spelling;

use serde::{Deserialize, Serialize};
use subtle::{Choice, ConstantTimeEq as _};

pub use month::Month;
use spelling::{folded, number, plain};

use crate::{Personal, Value};

/// What a question is about, and with it how its answer is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskKind {
    /// The month of the latest date.
    Month,
    /// An amount of money, to within a tenth.
    Amount,
    /// A name, such as that of a plan.
    Text,
    /// Digits, all of them, such as the last four of a number.
    Digits,
}

impl AskKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Month, Self::Amount, Self::Text, Self::Digits];

    /// The word that manifests use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Amount => "amount",
            Self::Text => "text",
            Self::Digits => "digits",
        }
    }
}

/// What the stores say. Serialises in the clear: write it encrypted only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Expected {
    /// One of these months: a moment near midnight lies in two, depending on the zone.
    Month {
        /// The months.
        months: Vec<Month>,
    },
    /// An amount, in hundredths.
    Amount {
        /// How many hundredths.
        hundredths: i64,
    },
    /// A text in its plain spelling.
    Text {
        /// The text.
        plain: String,
    },
    /// Digits.
    Digits {
        /// The digits.
        digits: String,
    },
}

impl Expected {
    /// The fewest digits that are worth asking for.
    const FEWEST_DIGITS: usize = 3;

    /// What a question of `kind` expects where the store holds `value`; nothing if that is no answer to it.
    pub fn of(kind: AskKind, value: &Value) -> Option<Self> {
        match kind {
            AskKind::Month => Month::around(value).map(|months| Self::Month { months }),
            AskKind::Amount => {
                number(&value.to_text()).filter(|n| *n != 0).map(|hundredths| Self::Amount { hundredths })
            }
            AskKind::Text => {
                let plain = plain(&value.to_text());
                (!plain.is_empty()).then_some(Self::Text { plain })
            }
            AskKind::Digits => {
                let digits = digits(&value.to_text());
                (digits.len() >= Self::FEWEST_DIGITS).then_some(Self::Digits { digits })
            }
        }
    }

    /// Whether `typed` is the answer. The time it takes does not depend on how much of it is right.
    pub fn is_answered_by(&self, typed: &Typed) -> bool {
        let right: Choice = match self {
            Self::Month { months } => typed.month().map_or(Choice::from(0), |typed| {
                months.iter().fold(Choice::from(0), |any, one| any | one.number().ct_eq(&typed.number()))
            }),
            Self::Amount { hundredths } => {
                let near = typed.amount().is_some_and(|typed| is_near(*hundredths, typed));
                Choice::from(u8::from(near))
            }
            Self::Text { plain } => plain.as_bytes().ct_eq(typed.plain().as_bytes()),
            Self::Digits { digits } => digits.as_bytes().ct_eq(typed.digits().as_bytes()),
        };
        right.into()
    }

    /// Whether `text`, which others may know, gives the answer away.
    pub fn is_disclosed_in(&self, text: &str) -> bool {
        let folded = folded(text);
        match self {
            Self::Month { months } => months.iter().any(|month| month.is_in(&folded)),
            Self::Amount { hundredths } => {
                let numbers = folded.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')));
                numbers.filter_map(number).any(|found| is_near(*hundredths, found))
            }
            Self::Text { plain: text } => plain(&folded).contains(text.as_str()),
            Self::Digits { digits: wanted } => digits(&folded).contains(wanted.as_str()),
        }
    }
}

impl std::fmt::Debug for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(crate::personal::REDACTED)
    }
}

/// What a person typed. Nobody keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed(Personal<String>);

impl Typed {
    /// The most characters that are looked at.
    pub const MAX_CHARS: usize = 200;

    /// What a person typed, cut to a length that an answer can have.
    pub fn new(text: &str) -> Self {
        Self(Personal::new(text.chars().take(Self::MAX_CHARS).collect()))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.plain().is_empty()
    }

    fn plain(&self) -> String {
        plain(self.0.expose())
    }

    fn digits(&self) -> String {
        digits(self.0.expose())
    }

    fn amount(&self) -> Option<i64> {
        number(&folded(self.0.expose()))
    }

    fn month(&self) -> Option<Month> {
        Month::read(&folded(self.0.expose()))
    }
}

fn digits(text: &str) -> String {
    folded(text).chars().filter(char::is_ascii_digit).collect()
}

/// To within a tenth of what is expected.
const fn is_near(expected: i64, typed: i64) -> bool {
    expected.abs_diff(typed) <= expected.unsigned_abs() / 10
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn answers(kind: AskKind, value: &Value, right: &[&str], wrong: &[&str]) {
        let expected = Expected::of(kind, value).expect("the store has an answer");
        for typed in right {
            assert!(expected.is_answered_by(&Typed::new(typed)), "{typed} is right");
        }
        for typed in wrong {
            assert!(!expected.is_answered_by(&Typed::new(typed)), "{typed} is wrong");
        }
    }

    #[test]
    fn months_are_typed_in_many_ways() {
        let day = Value::Date(NaiveDate::from_ymd_opt(2025, 7, 9).unwrap());
        let right = [
            "2025-07",
            "2025/7",
            "２０２５年７月",
            "2025年 7月 9日",
            "令和7年7月",
            "令和７年７月",
            "R7.7",
            "r7/7",
            "7/2025",
            "July 2025",
            "jul 2025",
            "2025 july",
            "202507",
        ];
        answers(
            AskKind::Month,
            &day,
            &right,
            &["", "2025", "7月", "2025-08", "令和8年7月", "平成7年7月", "x", "99/99"],
        );
        let old = Value::Date(NaiveDate::from_ymd_opt(1988, 12, 31).unwrap());
        answers(AskKind::Month, &old, &["昭和63年12月", "S63.12", "1988.12"], &["平成元年12月"]);
        let first = Value::Date(NaiveDate::from_ymd_opt(2019, 5, 1).unwrap());
        answers(AskKind::Month, &first, &["令和元年5月", "平成31年5月", "令和1年5月"], &["令和2年5月"]);
    }

    #[test]
    fn a_moment_near_midnight_lies_in_two_months() {
        let moment = Value::Timestamp("2025-06-30T20:00:00Z".parse().unwrap());
        answers(AskKind::Month, &moment, &["2025-06", "2025-07"], &["2025-05", "2025-08"]);
        let noon = Value::Timestamp("2025-06-15T12:00:00Z".parse().unwrap());
        answers(AskKind::Month, &noon, &["2025-06"], &["2025-05", "2025-07"]);
    }

    #[test]
    fn amounts_are_right_to_within_a_tenth() {
        let right = ["12,800", "¥12800", "１２，８００円", "12800.00", "約 12000", "13000 yen", "12 800"];
        answers(AskKind::Amount, &Value::Int(12_800), &right, &["", "0", "14,100", "1280", "128000", "many"]);
        answers(
            AskKind::Amount,
            &Value::Decimal("19.90".to_owned()),
            &["19.9", "$20", "€19,90"],
            &["199", "17"],
        );
    }

    #[test]
    fn names_are_compared_by_their_sound_signs_and_not_by_their_case() {
        let plan = Value::Text("プレミアム Plus".to_owned());
        let right = ["プレミアムPlus", "ﾌﾟﾚﾐｱﾑ plus", "ぷれみあむ　ＰＬＵＳ", "プレミアム・PLUS"];
        answers(AskKind::Text, &plan, &right, &["", "プレミアム", "Plus", "ライト"]);
    }

    #[test]
    fn digits_are_all_needed() {
        let last = Value::Text("00-4821".to_owned());
        answers(AskKind::Digits, &last, &["004821", "００ー４８２１"], &["4821", "", "0048210"]);
        assert_eq!(Expected::of(AskKind::Digits, &Value::Int(12)), None, "too easily guessed");
    }

    #[test]
    fn what_the_case_itself_says_gives_the_answer_away() {
        let gives =
            |kind, value: &Value, text: &str| Expected::of(kind, value).unwrap().is_disclosed_in(text);
        let day = Value::Date(NaiveDate::from_ymd_opt(2025, 7, 9).unwrap());
        for text in [
            "最後の注文は2025年7月でした",
            "my order of 2025-07-09",
            "令和7年7月に買いました",
            "in July 2025",
        ] {
            assert!(gives(AskKind::Month, &day, text), "{text}");
        }
        assert!(!gives(AskKind::Month, &day, "2025年17月 2024-07"));
        assert!(gives(AskKind::Text, &Value::Text("Light".into()), "I have the ＬＩＧＨＴ plan"));
        assert!(gives(AskKind::Amount, &Value::Int(4_980), "請求は4,980円でした"));
        assert!(gives(AskKind::Digits, &Value::Int(4821), "番号の末尾は4821"));
        assert!(!gives(AskKind::Digits, &Value::Int(4821), "番号の末尾は4822"));
    }

    #[test]
    fn nothing_prints_what_is_expected_or_typed() {
        let expected = Expected::of(AskKind::Text, &Value::Text("Light".into()));
        let shown = format!("{expected:?} {:?}", Typed::new("Light"));
        assert!(!shown.contains("ight"), "{shown}");
    }

    #[test]
    fn whatever_is_typed_is_looked_at_without_harm() {
        use proptest::prelude::*;
        let day =
            Expected::of(AskKind::Month, &Value::Date(NaiveDate::from_ymd_opt(2025, 7, 9).unwrap())).unwrap();
        let amount = Expected::of(AskKind::Amount, &Value::Int(999_999_999_999_999)).unwrap();
        proptest!(|(text in ".{0,80}|[0-9年月令和平成元.,/ -]{0,40}")| {
            for expected in [&day, &amount] {
                expected.is_answered_by(&Typed::new(&text));
                expected.is_disclosed_in(&text);
            }
        });
    }
}
