//! Comparing the trail with an exported checkpoint.

use std::{collections::HashMap, io::BufRead};

use habeas_domain::{RequestId, TypedId};
use habeas_vault::{PublicKey, Verifier};
use uuid::Uuid;

use super::{
    AuditBreak, AuditProgress, AuditReport, Checkpoint,
    checkpoint::PURPOSE,
    heads::{AT_ONCE, Head, Root},
};
use crate::{Ledger, LedgerError};

/// The longest line of an export; a longer one is no checkpoint's.
const LONGEST_LINE: u64 = 1_024;

/// One line of an export.
enum Line {
    Head(Head),
    End(Checkpoint),
}

/// Reads the lines of an export.
struct Lines<'a> {
    from: &'a mut (dyn BufRead + Send),
    line: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Line>, LedgerError> {
        let mut text = Vec::new();
        let mut limited = std::io::Read::take(&mut *self.from, LONGEST_LINE);
        if limited.read_until(b'\n', &mut text).map_err(LedgerError::Export)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        let unreadable = LedgerError::Checkpoint { line: self.line };
        if let Ok(end) = serde_json::from_slice::<Checkpoint>(&text) {
            return Ok(Some(Line::End(end)));
        }
        let head = serde_json::from_slice::<(RequestId, i64, String)>(&text).ok().and_then(|line| {
            let (request, seq, hash) = line;
            let hash = hex::decode(hash).ok()?.try_into().ok()?;
            Some(Head { request, seq, hash })
        });
        head.map(|head| Some(Line::Head(head))).ok_or(unreadable)
    }
}

impl Ledger {
    /// Checks that every chain still runs through the entry that was its last when `exported` was written, and that
    /// `exported` is what one of `keys` signed. A chain may have grown since. Together with [`Ledger::verify_audit`]
    /// this finds any edit, deletion, truncation and rewriting of what the checkpoint covers.
    pub async fn verify_against_checkpoint(
        &self,
        exported: &mut (dyn BufRead + Send),
        keys: &[PublicKey],
        mut progress: impl FnMut(AuditProgress) + Send,
    ) -> Result<AuditReport, LedgerError> {
        let mut lines = Lines { from: exported, line: 0 };
        let mut report = AuditReport::default();
        let mut root = Root::new();
        let mut heads = Vec::with_capacity(AT_ONCE);
        let mut end = None;
        while let Some(line) = lines.next()? {
            match line {
                Line::Head(head) if end.is_none() => {
                    root.add(&head);
                    heads.push(head);
                }
                Line::End(checkpoint) if end.is_none() => end = Some(checkpoint),
                _ => return Err(LedgerError::Checkpoint { line: lines.line }),
            }
            if heads.len() == AT_ONCE || end.is_some() {
                self.compare(&std::mem::take(&mut heads), &mut report).await?;
                progress(AuditProgress { requests: report.requests, entries: report.entries });
            }
        }
        let end = end.ok_or(LedgerError::Checkpoint { line: lines.line + 1 })?;
        if !is_signed(&end, root, keys) {
            report.add(AuditBreak::Forged);
        }
        Ok(report)
    }

    async fn compare(&self, heads: &[Head], report: &mut AuditReport) -> Result<(), LedgerError> {
        let places: Vec<(Uuid, i64)> = heads.iter().map(|head| (head.request.uuid(), head.seq)).collect();
        let found: HashMap<RequestId, Head> =
            self.entries_at(&places).await?.into_iter().map(|head| (head.request, head)).collect();
        for head in heads {
            report.requests += 1;
            report.entries += 1;
            let Head { request, seq, hash } = *head;
            match found.get(&request) {
                Some(now) if now.seq == seq && now.hash == hash => {}
                Some(now) if now.seq == seq => report.add(AuditBreak::Rewritten { request, seq }),
                _ => report.add(AuditBreak::Cut { request, seq }),
            }
        }
        Ok(())
    }
}

fn is_signed(end: &Checkpoint, root: Root, keys: &[PublicKey]) -> bool {
    let (root, chains) = root.finish();
    let bytes = Checkpoint::signed_bytes(end.id, end.at, chains, &root);
    let verifier = Verifier::new(keys.iter().copied());
    end.chains == chains
        && end.root == hex::encode(root)
        && verifier.verify(PURPOSE, &bytes, &end.signature).is_ok()
}
