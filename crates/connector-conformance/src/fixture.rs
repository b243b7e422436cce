//! What a store shall hold before a case begins.

use habeas_domain::{
    CollectionName, FieldName, Value,
    schema::{CollectionSchema, FieldSchema, FieldType, Reference},
};

/// Collections with their rows; a collection comes after those that it refers to.
#[derive(Debug, Clone, Default)]
pub struct Fixture {
    /// The collections.
    pub tables: Vec<Table>,
}

/// How many rows, and each by its number.
type Generated = (i64, fn(i64) -> Vec<Value>);

/// One collection with its rows.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its shape. `indexed` names fields that want an index of their own.
    pub schema: CollectionSchema,
    rows: Vec<Vec<Value>>,
    generated: Option<Generated>,
}

impl Fixture {
    /// Of these tables.
    pub(crate) fn of(tables: impl IntoIterator<Item = Table>) -> Self {
        Self { tables: tables.into_iter().collect() }
    }
}

impl Table {
    /// Its rows one by one, with the values in the order of the schema's fields. There may be very many: take them in portions.
    pub fn each_row(&self) -> impl Iterator<Item = Vec<Value>> {
        let generated = self.generated.into_iter().flat_map(|(count, row)| (0..count).map(row));
        self.rows.iter().cloned().chain(generated)
    }

    /// A table without fields. The names are the suite's own, so they are good.
    pub(crate) fn new(name: &str) -> Self {
        let schema = CollectionSchema {
            name: collection(name),
            fields: Vec::new(),
            identity: Vec::new(),
            unique: Vec::new(),
            indexed: Vec::new(),
            references: Vec::new(),
            obstacles: Vec::new(),
        };
        Self { schema, rows: Vec::new(), generated: None }
    }

    /// Adds a field that takes NULL.
    pub(crate) fn field(mut self, name: &str, kind: FieldType) -> Self {
        let max_chars = None;
        self.schema.fields.push(FieldSchema {
            name: field(name),
            kind,
            nullable: true,
            max_chars,
            generated: false,
        });
        self
    }

    /// Adds a text field of limited length.
    pub(crate) fn text(mut self, name: &str, max_chars: u32) -> Self {
        self = self.field(name, FieldType::Text);
        self.last(|field| field.max_chars = Some(max_chars));
        self
    }

    /// The last field takes no NULL.
    pub(crate) fn required(mut self) -> Self {
        self.last(|field| field.nullable = false);
        self
    }

    /// The last field is (part of) the identity.
    pub(crate) fn identity(mut self) -> Self {
        self = self.required();
        self.schema.identity.extend(self.schema.fields.last().map(|field| field.name.clone()));
        self
    }

    /// The last field's values do not repeat.
    pub(crate) fn unique(mut self) -> Self {
        self.schema.unique.extend(self.schema.fields.last().map(|field| vec![field.name.clone()]));
        self
    }

    /// The last field has an index.
    pub(crate) fn indexed(mut self) -> Self {
        self.schema.indexed.extend(self.schema.fields.last().map(|field| field.name.clone()));
        self
    }

    /// The last field refers to a field of a collection; if it follows, the rows go with those they refer to.
    pub(crate) fn refers(mut self, to: &str, to_field: &str, follows: bool) -> Self {
        let fields = self.schema.fields.last().map(|field| field.name.clone()).into_iter().collect();
        let (to, to_fields) = (collection(to), vec![field(to_field)]);
        self.schema.references.push(Reference { fields, to, to_fields, follows });
        self
    }

    /// Adds a row.
    pub(crate) fn row(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.rows.push(values.into_iter().collect());
        self
    }

    /// Adds rows.
    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = Vec<Value>>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Adds so many rows that are made only when they are asked for.
    pub(crate) fn generated(mut self, count: i64, row: fn(i64) -> Vec<Value>) -> Self {
        self.generated = Some((count, row));
        self
    }

    fn last(&mut self, change: impl FnOnce(&mut FieldSchema)) {
        if let Some(field) = self.schema.fields.last_mut() {
            change(field);
        }
    }
}

/// A collection's name, from one of the suite's own words.
#[expect(clippy::expect_used, reason = "the suite's own names are good, and it runs in tests only")]
pub(crate) fn collection(name: &str) -> CollectionName {
    CollectionName::new(name).expect("a good name")
}

/// A field's name, from one of the suite's own words.
#[expect(clippy::expect_used, reason = "the suite's own names are good, and it runs in tests only")]
pub(crate) fn field(name: &str) -> FieldName {
    FieldName::new(name).expect("a good name")
}

/// Text.
pub(crate) fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// A whole number.
pub(crate) const fn int(number: i64) -> Value {
    Value::Int(number)
}
