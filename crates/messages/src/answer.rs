use chrono::NaiveDate;
use habeas_domain::RequestId;
use serde::{Deserialize, Serialize};

/// What the publisher of a [`crate::Submitted`] message hears on its `reply_to` queue. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum IntakeAnswer {
    /// Taken. A repeat of the same message gets the same answer.
    Accepted {
        /// The request.
        request: RequestId,
        /// Its short form for people.
        reference: String,
        /// The last day for an answer.
        due_on: NaiveDate,
        /// An open request of the same person for the same rights, if there is one.
        duplicate_of: Option<RequestId>,
    },
    /// Not taken; nothing was kept.
    Rejected {
        /// Field by field.
        problems: Vec<serde_json::Value>,
    },
}

impl IntakeAnswer {
    /// The wire form.
    pub fn encode(&self) -> String {
        serde_json::to_value(self).map(|value| value.to_string()).unwrap_or_default()
    }
}
