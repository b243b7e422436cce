use habeas_domain::{
    Category, Channel, FieldProblem, Submission,
    submission::{Correction, CorrectionKind},
    suggest::closest,
};

/// What the stores let a correction change. A correction of anything else changes nothing: a slip of whoever writes down what a
/// person asks would tell them that their data could not be corrected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correctable(Vec<(Category, CorrectionKind)>);

impl FromIterator<(Category, CorrectionKind)> for Correctable {
    fn from_iter<I: IntoIterator<Item = (Category, CorrectionKind)>>(all: I) -> Self {
        let mut known: Vec<_> = Vec::new();
        for one in all {
            if !known.contains(&one) {
                known.push(one);
            }
        }
        known.sort_by_key(|(category, kind)| (category.to_string(), kind.as_str()));
        Self(known)
    }
}

impl Correctable {
    /// What is wrong with the corrections of a submission that somebody hands in who hears of it at once. What a queue or a mail
    /// brings is taken as it is: nobody stands there who could mend it.
    pub(super) fn problems(&self, submission: &Submission, door: Channel) -> Vec<FieldProblem> {
        if !matches!(door, Channel::Api | Channel::Cli) {
            return Vec::new();
        }
        let corrections = submission.corrections.iter().enumerate();
        corrections.filter_map(|(place, one)| self.problem(place, one)).collect()
    }

    fn problem(&self, place: usize, asked: &Correction) -> Option<FieldProblem> {
        let (category, kind) = (&asked.category, asked.kind);
        let mut kinds =
            self.0.iter().filter(|(known, _)| known == category).map(|(_, kind)| *kind).peekable();
        let field = if kinds.peek().is_some() { "type" } else { "category" };
        if kinds.any(|known| known == kind) {
            return None;
        }
        let names: Vec<String> = self.0.iter().map(|(category, _)| category.to_string()).collect();
        let category = category.to_string();
        let meant = closest(&category, names.iter().map(String::as_str)).filter(|near| *near != category);
        let meant = meant.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
        let message = format!("no store corrects {category} as {kind}{meant}; {}", self.said());
        Some(FieldProblem {
            field: format!("corrections[{place}].{field}"),
            code: "not-correctable",
            message,
        })
    }

    /// What can be corrected, as `CATEGORY:TYPE`.
    fn said(&self) -> String {
        if self.0.is_empty() {
            return "nothing can be corrected: no field of a manifest says `correct`".to_owned();
        }
        let all: Vec<String> = self.0.iter().map(|(category, kind)| format!("{category}:{kind}")).collect();
        format!("what can be corrected: {}", all.join(", "))
    }
}
