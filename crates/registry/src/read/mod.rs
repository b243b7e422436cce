//! Reading a manifest leniently: every setting by itself, so that one mistake hides no other.
//!
//! A reader gives `None` for what it could not read, and has then written the reason into the [`Report`].

mod ask;
mod bilingual;
mod collection;
mod effect;
mod entry;
mod field;
mod keep;
mod key;
mod report;
mod role;
mod section;
mod store;

use toml::de::DeTable;

pub(crate) use report::Report;

use self::section::Section;
use crate::{Manifest, manifest::Source};

/// Reads a whole manifest. `None` if it has no readable `[store]`.
pub(crate) fn manifest(text: &str, report: &mut Report<'_>) -> Option<Manifest> {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let offset = error.span().map_or(0, |span| span.start);
        report.problem(offset, "", format!("not TOML: {}", error.message()), "correct the syntax");
    }
    // After broken syntax whole sections may be missing; what would be said about them misleads.
    if !errors.is_empty() {
        return None;
    }
    let mut root = Section::root(&root);
    let settings = root.required("store", report).and_then(|entry| store::settings(&entry, report));
    let keys = root.optional("key").map_or_else(Vec::new, |entry| key::all(&entry, report));
    let collections =
        root.required("collection", report).map_or_else(Vec::new, |entry| collection::all(&entry, report));
    root.finish(report);
    let settings = settings?;
    Some(Manifest {
        store: settings.name,
        driver: settings.driver,
        url: settings.url,
        product: settings.product,
        title: settings.title,
        controller: settings.controller,
        limits: settings.limits,
        keys,
        collections,
        source: Source::default(),
    })
}
