//! How the erased people who were found again stand.

use std::collections::HashMap;

use habeas_ledger::{Back, Erasure, ReErased};

/// Everybody who was found again in this run. A person whose rows nothing in the store ties together may be found more than
/// once, and stands as the worst of it.
#[derive(Default)]
pub(super) struct Standings(HashMap<Erasure, Option<Back>>);

impl Standings {
    /// Found, and not erased or not yet.
    pub(super) fn note(&mut self, erasure: Erasure, back: Back) {
        let stands = self.0.entry(erasure).or_default();
        let stays = matches!(stands, Some(Back::Held | Back::Unclear | Back::Failed));
        if !(stays && back == Back::Found) {
            *stands = Some(back);
        }
    }

    /// Erased again, as far as they were found by now.
    pub(super) fn erased(&mut self, erasure: Erasure) {
        if self.0.get(&erasure) == Some(&Some(Back::Found)) {
            self.0.insert(erasure, None);
        }
    }

    /// Counted.
    pub(super) fn counts(&self) -> ReErased {
        let of = |wanted: Option<Back>| self.0.values().filter(|stands| **stands == wanted).count() as u64;
        ReErased {
            back: self.0.len() as u64,
            re_erased: of(None),
            held: of(Some(Back::Held)),
            unclear: of(Some(Back::Unclear)),
            failed: of(Some(Back::Failed)),
            ..ReErased::default()
        }
    }
}
