//! `habeas store preview`

use clap::Args;
use habeas_domain::EmailAddress;
use habeas_fulfilment::{KeyBook, Preview, PreviewOptions, preview, preview::CollectionPreview};
use habeas_ledger::Scope;

use crate::{
    assembly::{connect_stores, open_registry},
    context::Context,
    failure::{Exit, Failure},
    output::{Report, table},
    staff::{Staff, TokenArg},
};

/// Options of `store preview`.
#[derive(Args)]
pub(crate) struct PreviewArgs {
    /// The person's mail address, taken as if it were proven.
    #[arg(long)]
    email: String,
    #[command(flatten)]
    token: TokenArg,
}

impl std::fmt::Debug for PreviewArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PreviewArgs")
    }
}

impl PreviewArgs {
    pub(super) async fn run(self, context: &Context) -> Result<Report, Failure> {
        let email = EmailAddress::parse(&self.email)
            .map_err(|problem| Failure::usage(format!("--email: {problem}")))?;
        let staff = Staff::sign_in(context, &self.token, Scope::Approve).await?;
        let registry = open_registry(&staff.config)?;
        let stores = connect_stores(context, &registry)?;
        staff.ledger.record_looked_up(&email, staff.actor).await?;
        let options = PreviewOptions { book: KeyBook::of_addresses([&email]), now: context.clock.now() };
        let preview = preview(&registry, &stores, options).await?;
        let exit = if preview.review.is_some() { Exit::Findings } else { Exit::Ok };
        Ok(Report::new(text(context, &preview), &preview).ending(exit))
    }
}

fn text(context: &Context, preview: &Preview) -> String {
    if let Some(review) = &preview.review {
        return format!("a request of this person would stop for review: {review}\n");
    }
    let list = |names: &[habeas_domain::FieldName]| {
        names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let rows = preview.collections.iter().map(|one| {
        [
            format!("{}.{}", one.store, one.collection),
            one.rows.to_string(),
            list(&one.access),
            list(&one.portability),
            one.deletion.join(", "),
            list(&one.correction),
        ]
    });
    let keys: Vec<String> = preview.keys.iter().map(|(key, count)| format!("{count} {key}")).collect();
    let header = ["COLLECTION", "ROWS", "ACCESS", "PORTABILITY", "DELETION", "CORRECTION"];
    let table = table(context, header, rows.collect());
    let sides: String = preview.collections.iter().filter_map(sides).collect();
    format!("keys: {}\n\n{table}{sides}", keys.join(", "))
}

/// Whose the rows are that are about more than one person.
fn sides(one: &CollectionPreview) -> Option<String> {
    let sides = one.sides.as_ref()?;
    let own: Vec<String> = sides.own.iter().map(|(side, rows)| format!("{rows} as {side}")).collect();
    let (name, others) = (format!("{}.{}", one.store, one.collection), sides.with_others);
    Some(format!(
        "\n{name}: {}; in {others} of its rows another side is somebody else's, withheld from copies and left as it is\n",
        own.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use habeas_fulfilment::preview::SidesPreview;

    use super::*;

    #[test]
    fn it_is_said_on_which_side_of_a_row_the_person_stands() {
        let own = [("caller", 2), ("callee", 1)].map(|(side, rows)| (side.parse().unwrap(), rows));
        let mut one = CollectionPreview {
            store: "tel".parse().unwrap(),
            collection: "calls".parse().unwrap(),
            rows: 3,
            sides: Some(SidesPreview { own: own.into(), with_others: 3 }),
            access: Vec::new(),
            portability: Vec::new(),
            deletion: Vec::new(),
            correction: Vec::new(),
        };
        assert_eq!(
            sides(&one).unwrap().trim(),
            "tel.calls: 1 as callee, 2 as caller; in 3 of its rows another side is somebody else's, withheld from copies and left as it is"
        );
        one.sides = None;
        assert_eq!(sides(&one), None);
    }
}
