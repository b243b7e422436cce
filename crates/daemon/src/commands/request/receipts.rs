//! `habeas request receipts`

use clap::Args;
use habeas_ledger::{ReceiptRecord, Scope};
use serde_json::json;

use crate::{
    context::Context,
    failure::Failure,
    output::{Report, moment},
    staff::{Staff, TokenArg, find_request, shown},
};

/// Options of `request receipts`.
#[derive(Debug, Args)]
pub(crate) struct ReceiptsArgs {
    /// Its id, or its reference.
    request: String,
}

impl ReceiptsArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, token, Scope::Read).await?;
        let view = find_request(&staff.ledger, &self.request).await?;
        let receipts = staff.ledger.receipts(view.id).await?;
        let json: Vec<_> = receipts.items.iter().map(as_json).collect();
        let (lines, unreadable) = shown::unreadable(&receipts.unreadable);
        let text = if receipts.items.is_empty() && receipts.unreadable.is_empty() {
            "no receipt: nothing was done to a store for this request".to_owned()
        } else {
            receipts
                .items
                .iter()
                .map(text)
                .chain((!lines.is_empty()).then_some(lines))
                .collect::<Vec<_>>()
                .join("\n\n")
        };
        Ok(Report::new(text, &json!({ "request": view.id, "receipts": json, "unreadable": unreadable })))
    }
}

/// The names are those of the API.
fn as_json(receipt: &ReceiptRecord) -> serde_json::Value {
    json!({
        "job": receipt.job, "body": receipt.body, "signature": receipt.signature.to_string(),
        "genuine": receipt.genuine, "created_at": receipt.created_at,
    })
}

/// The signed text as it is, on a line of its own: whoever gets it can check the signature over these very bytes.
fn text(receipt: &ReceiptRecord) -> String {
    let checked =
        if receipt.genuine { "genuine" } else { "NOT GENUINE: no key of this ring signed this text" };
    let (at, signature, body) = (moment(receipt.created_at), &receipt.signature, &receipt.body);
    format!("signed at  {at}\nsignature  {signature}\nchecked    {checked}\n{body}")
}
