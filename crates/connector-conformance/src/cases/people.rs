//! The small company that most cases play with.

use std::sync::Arc;

use habeas_connector_api::DataStore;
use habeas_domain::{Value, schema::FieldType};

use crate::{
    Factory, Fixture, Table, Unmet,
    fixture::{int, text},
};

/// People with a number, a code, an address, a name and a phone.
pub(super) fn person() -> Table {
    Table::new("person")
        .field("id", FieldType::Int)
        .identity()
        .text("code", 190)
        .indexed()
        .text("email", 190)
        .text("name", 190)
        .text("phone", 60)
}

/// One of them; what is not told is NULL.
pub(super) fn someone(id: i64, code: &str, email: &str) -> Vec<Value> {
    vec![int(id), text(code), text(email), Value::Null, Value::Null]
}

/// Three of them, who look alike on purpose.
pub(super) fn three() -> Table {
    person().rows([
        vec![int(42), text("42"), text("taro@example.jp"), text("山田 太郎"), text("+81 90-1234-5678")],
        vec![int(421), text("421"), text("taro@example.jp.test"), text("Taro"), text("090-1234-5679")],
        vec![int(4), text("042"), text("hanako@example.jp"), text("佐藤 花子"), Value::Null],
    ])
}

/// A store of these tables.
pub(super) async fn store(
    factory: &dyn Factory,
    tables: impl IntoIterator<Item = Table>,
) -> Result<Arc<dyn DataStore>, Unmet> {
    factory.make(&Fixture::of(tables)).await
}
