//! Walking along the chains of many requests, one after another, entry by entry.

use habeas_domain::{
    RequestId,
    audit::{AuditEntry, ChainBreak, GENESIS},
};

use super::{AuditBreak, AuditReport};

/// Holds no more than the last entry's place and hash.
#[derive(Default)]
pub(super) struct ChainWalk {
    last: Option<(RequestId, i64, [u8; 32])>,
    pub(super) report: AuditReport,
}

impl ChainWalk {
    /// Takes the next entry, in the order of request and place.
    pub(super) fn step(&mut self, entry: &AuditEntry) {
        let before = self.last.filter(|(request, ..)| *request == entry.request);
        if before.is_none() {
            self.report.requests += 1;
        }
        self.report.entries += 1;
        let (seq, previous) = before.map_or((1, GENESIS), |(_, seq, hash)| (seq + 1, hash));
        let request = entry.request;
        if entry.seq != seq {
            self.report.add(ChainBreak::Gap { request, expected: seq }.into());
        } else if entry.previous != previous || entry.hash != entry.computed_hash() {
            self.report.add(AuditBreak::Chain(ChainBreak::Changed { request, seq }));
        }
        self.last = Some((request, entry.seq, entry.hash));
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use habeas_domain::{Actor, TypedId, audit::AuditEvent};
    use uuid::Uuid;

    use super::*;

    fn chain(request: u128, length: usize) -> Vec<AuditEntry> {
        let request = RequestId::from_uuid(Uuid::from_u128(request));
        let mut entries: Vec<AuditEntry> = Vec::new();
        for _ in 0..length {
            let last = entries.last().map(|entry| (entry.seq, entry.hash));
            let event = AuditEvent::new("tested", Actor::System);
            entries.push(AuditEntry::after(request, last, DateTime::UNIX_EPOCH, event));
        }
        entries
    }

    fn walk(entries: &[AuditEntry]) -> AuditReport {
        let mut walk = ChainWalk::default();
        for entry in entries {
            walk.step(entry);
        }
        walk.report
    }

    #[test]
    fn many_chains_are_walked_one_after_another() {
        let report = walk(&[chain(1, 3), chain(2, 1), chain(3, 2)].concat());
        assert_eq!((report.requests, report.entries, report.is_whole()), (3, 6, true));
    }

    #[test]
    fn a_break_is_named_once_and_the_walk_goes_on() {
        let mut entries = [chain(1, 4), chain(2, 3)].concat();
        entries[1].event = "edited".to_owned();
        entries.remove(5);
        let report = walk(&entries);
        let text: Vec<String> = report.breaks.iter().map(ToString::to_string).collect();
        assert_eq!(text.len(), 2, "{text:?}");
        assert!(text[0].ends_with("entry 2 was changed"), "{text:?}");
        assert!(text[1].ends_with("entry 2 is missing or out of order"), "{text:?}");
    }

    #[test]
    fn an_entry_moved_to_another_chain_is_found() {
        let mut entries = [chain(1, 2), chain(2, 1)].concat();
        entries[1].request = entries[2].request;
        entries.swap(1, 2);
        assert_eq!(walk(&entries).breaks.len(), 1);
    }
}
