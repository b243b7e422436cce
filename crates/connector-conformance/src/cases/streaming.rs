//! One person with very many rows.

use futures::TryStreamExt;
use habeas_connector_api::Selection;
use habeas_domain::{Value, schema::FieldType};

use super::people::store;
use crate::{
    Factory, Table, Unmet,
    asking::by_key,
    expectation::{equal, expect},
    fixture::{collection, field, int, text},
};

const ROWS: i64 = 100_000;
/// The rows weigh more than twice this.
const MOST_BYTES: usize = 24 << 20;

fn events(count: i64) -> Table {
    Table::new("event")
        .field("id", FieldType::Int)
        .identity()
        .field("person", FieldType::Int)
        .indexed()
        .text("body", 600)
        .generated(count, |id| vec![int(id), int(1), text("x".repeat(500))])
}

fn all_events() -> Selection {
    let fields = vec![field("id"), field("body")];
    Selection { collection: collection("event"), matches: by_key("person", "1"), except: Vec::new(), fields }
}

pub(super) async fn a_hundred_thousand_rows_take_flat_memory(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [events(ROWS)]).await?;
    let selection = all_events();
    let (mut count, mut sum, mut most) = (0_i64, 0_i64, 0);
    let before = resident()?;
    let mut rows = store.select(&selection).await?;
    while let Some(row) = rows.try_next().await? {
        count += 1;
        if let Some(Value::Int(id)) = row.values.first() {
            sum += id;
        }
        if count % 5_000 == 0 {
            most = most.max(resident()?.saturating_sub(before));
        }
    }
    equal(&(count, sum), &(ROWS, ROWS * (ROWS - 1) / 2), "every row once")?;
    expect(most < MOST_BYTES, format!("reading took {} MiB", most >> 20))
}

pub(super) async fn a_dropped_stream_harms_nothing(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [events(20_000)]).await?;
    let selection = all_events();
    for _ in 0..20 {
        let mut rows = store.select(&selection).await?;
        expect(rows.try_next().await?.is_some(), "a first row")?;
    }
    store.ping().await?;
    let one = Selection { matches: by_key("id", "77"), ..all_events() };
    let rows: Vec<_> = store.select(&one).await?.try_collect().await?;
    equal(&rows.len(), &1, "one row after twenty dropped streams")
}

/// The memory that this process holds, in bytes, from Linux.
fn resident() -> Result<usize, Unmet> {
    let unreadable = |_| Unmet::new("/proc/self/status cannot be read; this case needs Linux");
    let status = std::fs::read_to_string("/proc/self/status").map_err(unreadable)?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kibibytes.map(|kibibytes| kibibytes << 10).ok_or_else(|| Unmet::new("/proc/self/status has no VmRSS"))
}
