use sea_orm::{ColumnTrait, Value, sea_query::SimpleExpr};

/// `column` is one of `values`. The list is filled up with its last value to the next power of two, so that groups of all
/// sizes share a few statements, which a connection keeps prepared and planned.
pub(crate) fn among<C: ColumnTrait, V: Into<Value> + Clone>(
    column: C,
    values: impl IntoIterator<Item = V>,
) -> SimpleExpr {
    let mut values: Vec<V> = values.into_iter().collect();
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two().min(LONGEST.max(values.len())), last);
    }
    column.is_in(values)
}

/// No list is made longer than this: workers take no larger groups.
const LONGEST: usize = 256;
