//! Questions by which a person can show that they know of their dealings with the company.

use habeas_domain::{Bilingual, FieldName, verification::AskKind};

/// That a field may be asked about, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// How the answer is compared.
    pub kind: AskKind,
    /// The question, as the person reads it.
    pub question: Bilingual,
    /// The field of the same collection whose greatest value says which row is asked about. Without it, a field whose
    /// values differ among a person's rows is not asked about; a month is always that of the latest row.
    pub newest: Option<FieldName>,
}
