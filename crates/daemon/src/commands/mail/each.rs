//! One decision for several mails that staff name: each is decided on its own, whatever became of those before it.

use std::fmt::Write as _;

use habeas_domain::ReceivedMailId;
use habeas_ledger::LedgerError;
use serde_json::{Value, json};

use crate::{
    failure::{Exit, Failure},
    output::Report,
};

/// What became of each.
pub(super) struct Each {
    done: Vec<ReceivedMailId>,
    failed: Vec<(ReceivedMailId, Failure)>,
}

impl Each {
    /// Does it to one after the other.
    pub(super) async fn of(
        mails: &[ReceivedMailId],
        decide: impl AsyncFn(ReceivedMailId) -> Result<(), LedgerError>,
    ) -> Self {
        let mut each = Self { done: Vec::new(), failed: Vec::new() };
        for mail in mails {
            match decide(*mail).await {
                Ok(()) => each.done.push(*mail),
                Err(error) => each.failed.push((*mail, error.into())),
            }
        }
        each
    }

    /// In `words`, with what is so of those that it was done to. The failure of one that was named alone is the command's.
    pub(super) fn report(mut self, words: &str, so: (&str, Value)) -> Result<Report, Failure> {
        if let ([], [_]) = (&*self.done, &*self.failed)
            && let Some((_, failure)) = self.failed.pop()
        {
            return Err(failure);
        }
        let failed: Vec<Value> =
            self.failed.iter().map(|(mail, why)| json!({ "mail": mail, "problem": why.problem() })).collect();
        let mut json = json!({ "mails": self.done, "failed": failed });
        json[so.0] = so.1;
        if self.failed.is_empty() {
            return Ok(Report::new(words, &json));
        }
        let mut text = match self.done.len() {
            0 => "nothing was done".to_owned(),
            done => format!("{done} of {}: {words}", done.saturating_add(self.failed.len())),
        };
        for (mail, why) in &self.failed {
            let _ = write!(text, "\n{mail}: {}", why.text());
        }
        let away = self.failed.iter().any(|(_, why)| why.exit == Exit::Unavailable);
        let exit = if away { Exit::Unavailable } else { Exit::Findings };
        Ok(Report::new(text, &json).ending(exit))
    }
}
