//! What the checks across manifests and against live schemas find.

use std::{fmt, path::PathBuf};

use habeas_domain::{CollectionName, FieldName, KeyName, StoreName};
use serde::Serialize;

use crate::{Manifest, Place};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing runs on this manifest until it is mended.
    Error,
    /// Worth a look; it works.
    Warning,
}

/// What kind of finding it is: a short stable word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Two manifests name the same store.
    DuplicateStore,
    /// Two manifests declare a key differently.
    KeyConflict,
    /// The starting key is declared as shared.
    StartKeyShared,
    /// A declared key is held by no field.
    KeyHeldNowhere,
    /// No chain of keys leads to the collection.
    Unreachable,
    /// Two collections differ only by case.
    CaseOnlyNames,
    /// A text that people read is there in one language only.
    OneLanguage,
    /// The manifest spells out a password.
    PasswordInManifest,
    /// A telephone number or a mail address of which nothing says whether it is the person's own.
    WhoseContact,
    /// Two fields of a row hold the same key, and nothing says whether they are the same person's.
    WhoseKey,
    /// A side of a collection's rows that no chain of keys leads to.
    SideUnreachable,
    /// A field that identifies a person has no category, so a copy of the data would lack it.
    NotInCopies,
    /// The store has no such collection.
    UnknownCollection,
    /// The collection has no such field.
    UnknownField,
    /// The effect does not fit the column's type.
    EffectType,
    /// The effect empties a column that is NOT NULL.
    NotNullable,
    /// The effect gives equal values to a column whose values may not repeat.
    UniqueValues,
    /// What the effect writes is longer than the column.
    TooShort,
    /// The store computes the column, so it cannot be written.
    Generated,
    /// The column identifies the rows, so it cannot change.
    IdentifiesRows,
    /// Other rows refer to the column, so it cannot change.
    Referenced,
    /// The column refers to another collection, so it can only be emptied.
    BreaksReference,
    /// Rows cannot be told apart, so they cannot be deleted and proven.
    NoIdentity,
    /// Rows that stay refer to rows that go.
    ReferencingRowsStay,
    /// The store itself would delete or cut loose rows that are kept.
    KeptRowsGo,
    /// The store itself would delete or empty rows that are other people's as well.
    OthersRowsGo,
    /// The store knows no transactions for the collection, so a change could be done in part.
    NoTransactions,
    /// The store keeps earlier versions of the rows, so what was deleted stays.
    HistoryStays,
    /// Rules of the store may hide rows from us.
    RowsHidden,
    /// The date that a keep counts from is no date.
    NotADate,
    /// The date that a keep counts from may be missing or unreadable; such rows would be kept for ever.
    EndMayBeMissing,
    /// A correction cannot write this kind of value into the column.
    CorrectionType,
    /// The column's values cannot answer the question.
    QuestionType,
    /// The column's values cannot be keys.
    KeyType,
    /// A key is looked up in a column that no index finds.
    KeyWithoutIndex,
    /// A personal-looking column that nothing mentions.
    UnmentionedField,
    /// A collection with personal-looking columns that nothing mentions.
    UnmentionedCollection,
    /// References form a cycle that cannot be untied.
    ReferenceCycle,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// In which store.
    pub store: StoreName,
    /// In which collection.
    pub collection: Option<CollectionName>,
    /// In which field.
    pub field: Option<FieldName>,
    /// What kind of finding.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// The manifest.
    pub file: PathBuf,
    /// The line of the manifest, from 1, where known.
    pub line: Option<usize>,
}

impl Finding {
    /// A finding about a whole store.
    pub(crate) fn new(
        severity: Severity,
        code: Code,
        manifest: &Manifest,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            store: manifest.store.clone(),
            collection: None,
            field: None,
            code,
            message: message.into(),
            fix: fix.into(),
            file: manifest.source.file.clone(),
            line: line(manifest, "store"),
        }
    }

    /// About one of its collections.
    pub(crate) fn of(mut self, manifest: &Manifest, collection: &CollectionName) -> Self {
        self.line = line(manifest, &format!("collection.{collection}")).or(self.line);
        self.collection = Some(collection.clone());
        self
    }

    /// About one of its collection's fields.
    pub(crate) fn field(
        mut self,
        manifest: &Manifest,
        collection: &CollectionName,
        field: &FieldName,
    ) -> Self {
        self = self.of(manifest, collection);
        self.line = line(manifest, &format!("collection.{collection}.fields.{field}")).or(self.line);
        self.field = Some(field.clone());
        self
    }

    /// About one of the keys that it declares.
    pub(crate) fn key(mut self, manifest: &Manifest, key: &KeyName) -> Self {
        self.line = line(manifest, &format!("key.{key}")).or(self.line);
        self
    }

    /// Whether it stops everything.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

fn line(manifest: &Manifest, path: &str) -> Option<usize> {
    manifest.source.places.get(path).map(|place: &Place| place.line)
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        let severity = if self.is_error() { "error" } else { "warning" };
        write!(f, ": {severity} [{}] {}", self.code, self.store)?;
        if let Some(collection) = &self.collection {
            write!(f, ".{collection}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        write!(f, ": {}. Fix: {}", self.message, self.fix)
    }
}
