//! `habeas store closings` and `habeas store closing`

use clap::Args;
use habeas_domain::{ClosingId, StoreName};
use habeas_ledger::{PastClosing, Scope};
use serde_json::{Value, json};

use super::known;
use crate::{
    context::Context,
    failure::Failure,
    output::{Report, details, moment, table},
    staff::{Staff, TokenArg, shown::unreadable, trail_json, trail_text},
};

/// Options of `store closings`.
#[derive(Debug, Args)]
pub(crate) struct ClosingsArgs {
    /// Only of this store.
    #[arg(long, value_name = "NAME")]
    store: Option<StoreName>,
    #[command(flatten)]
    token: TokenArg,
}

/// Options of `store closing`.
#[derive(Debug, Args)]
pub(crate) struct ClosingArgs {
    /// The closing's id, as `closings` prints it.
    closing: ClosingId,
    #[command(flatten)]
    token: TokenArg,
}

impl ClosingsArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, &self.token, Scope::Operate).await?;
        let closings = staff.ledger.closings(self.store.as_ref()).await?;
        if let Some(store) = &self.store
            && closings.items.is_empty()
            && closings.unreadable.is_empty()
        {
            known(&staff, store)?;
        }
        let heads = ["CLOSING", "STORE", "CLOSED", "BY", "BACKUP OF", "ERASED AGAIN", "REOPENED", "BY"];
        let (lines, unreadable) = unreadable(&closings.unreadable);
        let text = table(context, heads, closings.items.iter().map(row).collect()) + &lines;
        let shown: Vec<_> = closings.items.iter().map(json_of).collect();
        Ok(Report::new(text, &json!({ "closings": shown, "unreadable": unreadable })))
    }
}

impl ClosingArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let staff = Staff::sign_in(context, &self.token, Scope::Operate).await?;
        let closing = staff.ledger.past_closing(self.closing).await?;
        let trail = staff.ledger.closing_trail(self.closing).await?;
        let text = format!("{}\n\n{}", details(context, &facts(&closing)), trail_text(context, &trail));
        let mut json = json_of(&closing);
        json["trail"] = trail_json(&trail);
        Ok(Report::new(text, &json))
    }
}

fn row(closing: &PastClosing) -> [String; 8] {
    let end = closing.reopened.as_ref();
    [
        closing.id.to_string(),
        closing.store.to_string(),
        moment(closing.closed_at),
        closing.closed_by.to_string(),
        closing.restored_to.map(moment).unwrap_or_default(),
        closing.re_erased.to_string(),
        end.map(|end| moment(end.at)).unwrap_or_default(),
        end.map(|end| end.by.to_string()).unwrap_or_default(),
    ]
}

fn facts(closing: &PastClosing) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("closing", closing.id.to_string()),
        ("store", closing.store.to_string()),
        ("closed", format!("{} by {}", moment(closing.closed_at), closing.closed_by)),
        ("reason", closing.reason.clone()),
        ("backup of", closing.restored_to.map(moment).unwrap_or_default()),
        ("erased again", closing.re_erased.to_string()),
    ];
    if let Some(end) = &closing.reopened {
        facts.push(("reopened", format!("{} by {}", moment(end.at), end.by)));
        facts.extend(end.without.iter().map(|why| ("although", why.clone())));
    }
    facts
}

fn json_of(closing: &PastClosing) -> Value {
    let end = closing.reopened.as_ref();
    json!({
        "id": closing.id, "store": closing.store, "closed_at": closing.closed_at,
        "closed_by": closing.closed_by.to_string(), "reason": closing.reason,
        "restored_to": closing.restored_to, "re_erased": closing.re_erased,
        "reopened_at": end.map(|end| end.at), "reopened_by": end.map(|end| end.by.to_string()),
        "without_re_erasing": end.and_then(|end| end.without.as_deref()),
    })
}
