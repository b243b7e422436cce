//! The staff's door for papers.

use async_trait::async_trait;
use habeas_api::Papers;
use habeas_domain::{Actor, PaperKind, Personal, RequestId, text::FreeText};
use habeas_ledger::{LedgerError, PaperView};
use habeas_verification::PaperDesk;

/// Asks for papers and takes them.
pub(crate) struct PaperDoor(pub(crate) PaperDesk);

#[async_trait]
impl Papers for PaperDoor {
    async fn ask(
        &self,
        request: RequestId,
        kind: PaperKind,
        reason: FreeText,
        by: Actor,
    ) -> Result<PaperView, LedgerError> {
        self.0.ask(request, kind, reason, by).await
    }

    async fn add(
        &self,
        request: RequestId,
        kind: PaperKind,
        content: Personal<Vec<u8>>,
        by: Actor,
    ) -> Result<PaperView, LedgerError> {
        self.0.add(request, kind, &content, by).await
    }
}
