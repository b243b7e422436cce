//! How a deadline was counted, in a sentence or two for staff, in both languages.

use chrono::{Datelike, NaiveDate};

use super::{Calendar, Period, answer::Answer};
use crate::{
    Bilingual,
    regime::{ClockStart, FirstDay, Regime, Sourced},
};

/// Added while identity, which starts the clock, is not proven.
pub(super) fn add_identity_open(basis: &mut Bilingual) {
    basis.en.push_str(
        " Identity is not proven yet: the clock starts then, and until then it is counted from receipt.",
    );
    basis.ja.push_str(
        "本人確認が済んでいません。期間は本人確認の日から始まり、それまでは受付日から数えています。",
    );
}

/// Added where the person is a child, whose request is answered sooner.
pub(super) fn add_child(basis: &mut Bilingual, rule: &Sourced<Period>, due_on: NaiveDate) {
    let cited = rule.cited();
    let (period, in_japanese) = (rule.value, rule.value.in_japanese());
    basis.en = format!("{} It is about a child: {period}, so {due_on} ({}).", basis.en, cited.en);
    basis.ja = format!(
        "{}子どもに関するご請求のため、{in_japanese}以内の{due_on}までとします({})。",
        basis.ja, cited.ja
    );
}

/// Explains `answer`.
pub(super) fn of(answer: &Answer, alert_on: NaiveDate, regime: &Regime, calendar: &Calendar) -> Bilingual {
    let mut sentences = vec![counted(answer, regime)];
    sentences.extend(rolled(answer, regime, calendar));
    sentences.extend((alert_on < answer.due_on).then(|| earlier(alert_on)));
    sentences.push(sources(answer, regime));
    Bilingual {
        en: sentences.iter().map(|sentence| sentence.en.as_str()).collect::<Vec<_>>().join(" "),
        ja: sentences.iter().map(|sentence| sentence.ja.as_str()).collect(),
    }
}

fn counted(answer: &Answer, regime: &Regime) -> Bilingual {
    let periods: Vec<String> = answer.periods.iter().map(ToString::to_string).collect();
    let in_japanese: Vec<String> = answer.periods.iter().map(|period| period.in_japanese()).collect();
    let (start, start_ja) = match regime.timing.starts.value {
        ClockStart::Receipt => ("receipt", "受付日"),
        ClockStart::ReceiptAndIdentity => {
            ("the later of receipt and identity", "受付日と本人確認の日のうち遅い方")
        }
    };
    let (first_day, first_day_ja) = match regime.timing.first_day.value {
        FirstDay::Included => ("counting that day", "初日を算入"),
        FirstDay::Excluded | FirstDay::Disputed => ("not counting that day", "初日は不算入"),
    };
    let (from, zone, ends_on) = (answer.counted_from, regime.time_zone.name(), answer.ends_on);
    Bilingual {
        en: format!(
            "{} from {start} on {from} ({zone}), {first_day}, ends on {ends_on}.",
            periods.join(" and ")
        ),
        ja: format!(
            "{start_ja}({from}、{zone})から{}({first_day_ja})で、{ends_on}に満了します。",
            in_japanese.join("と")
        ),
    }
}

fn rolled(answer: &Answer, regime: &Regime, calendar: &Calendar) -> Vec<Bilingual> {
    if !regime.timing.rolls.value {
        return vec![Bilingual {
            en: "It does not roll over weekends and holidays.".to_owned(),
            ja: "週末や祝日でも繰り延べません。".to_owned(),
        }];
    }
    let (year, due_on) = (answer.due_on.year(), answer.due_on);
    let closed = calendar.closed_because(answer.ends_on).map(|why| Bilingual {
        en: format!("That is {}, so the next open day counts: {due_on}.", why.en),
        ja: format!("その日は{}のため、次の平日の{due_on}までとなります。", why.ja),
    });
    let unknown = (!calendar.knows(year)).then(|| Bilingual {
        en: format!("No holidays of {year} are configured: only weekends are known."),
        ja: format!("{year}年の祝日が設定されていないため、週末のみを休日としています。"),
    });
    closed.into_iter().chain(unknown).collect()
}

fn earlier(alert_on: NaiveDate) -> Bilingual {
    Bilingual {
        en: format!("The law can be read to end on {alert_on}; be done by then."),
        ja: format!("{alert_on}までとする解釈もあるため、その日までに終えてください。"),
    }
}

fn sources(answer: &Answer, regime: &Regime) -> Bilingual {
    let mut sources = answer.sources.clone();
    sources.push(regime.timing.starts.cited());
    sources.push(regime.timing.first_day.cited());
    sources.push(regime.timing.rolls.cited());
    let mut seen: Vec<Bilingual> = Vec::new();
    for source in sources {
        if !seen.contains(&source) {
            seen.push(source);
        }
    }
    let listed = |text: fn(&Bilingual) -> &str| seen.iter().map(text).collect::<Vec<_>>().join(" | ");
    Bilingual {
        en: format!("[{}]", listed(|source| &source.en)),
        ja: format!("[{}]", listed(|source| &source.ja)),
    }
}
