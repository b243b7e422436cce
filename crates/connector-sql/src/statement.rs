//! A statement and what is bound to it.

use habeas_domain::Value;

/// One bound value, in the few forms that the drivers share.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arg {
    Null,
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// An array of text, in databases without arrays a JSON array.
    Texts(Vec<Option<String>>),
}

impl Arg {
    /// A value as SQLite and MySQL take it: moments in UTC without a zone, since the session is in UTC.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Int((*truth).into()),
            Value::Int(number) => Self::Int(*number),
            Value::Float(number) => Self::Float(*number),
            Value::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Value::DateTime(time) => Self::Text(time.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
            Value::Timestamp(time) => Self::Text(time.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
            other => Self::Text(other.to_text()),
        }
    }
}

/// An array as JSON.
pub(crate) fn json(texts: Vec<Option<String>>) -> String {
    serde_json::Value::from(texts).to_string()
}

/// SQL under construction. Its text holds only our own words and identifiers that went through a dialect's `quote`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) args: Vec<Arg>,
    /// It only prepares the ground: the rows that it touches are not counted.
    pub(crate) uncounted: bool,
}

impl Statement {
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), ..Self::default() }
    }

    pub(crate) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Binds a value where a `?` stands.
    pub(crate) fn bind(&mut self, arg: Arg) -> &mut Self {
        self.sql.push('?');
        self.args.push(arg);
        self
    }

    /// Binds a value where a numbered `$n` stands.
    pub(crate) fn bind_numbered(&mut self, arg: Arg) -> &mut Self {
        self.args.push(arg);
        let number = self.args.len();
        self.sql.push('$');
        self.sql.push_str(&number.to_string());
        self
    }

    /// `?, ?, ?`: padded with its last value to a power of two, so that a few prepared statements serve all lengths.
    pub(crate) fn bind_list(&mut self, args: Vec<Arg>, wrap: impl Fn(&mut Self, Arg)) {
        let Some(last) = args.last().cloned() else { return };
        let padding = args.len().next_power_of_two() - args.len();
        for (at, arg) in args.into_iter().chain(std::iter::repeat_n(last, padding)).enumerate() {
            if at > 0 {
                self.push(", ");
            }
            wrap(self, arg);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_padded_to_a_power_of_two() {
        let mut statement = Statement::default();
        statement.bind_list(vec![Arg::Int(1), Arg::Int(2), Arg::Int(3)], |to, arg| {
            to.bind(arg);
        });
        assert_eq!(statement.sql, "?, ?, ?, ?");
        assert_eq!(statement.args, [1, 2, 3, 3].map(Arg::Int));
    }
}
