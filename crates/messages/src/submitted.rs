use serde::{Deserialize, de::DeserializeOwned};

use crate::{MessageProblem, VERSION};

/// The kind of the public intake message.
const SUBMITTED: &str = "request.submitted";

/// What another system publishes to [`crate::queues::INTAKE`]: a submission, in the same form as the body of
/// `POST /v1/requests`. Its JSON Schema is `deploy/request.submitted.schema.json`.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submitted {
    /// The version of this format.
    pub v: u32,
    /// Always `request.submitted`.
    pub kind: String,
    /// Chosen by the publisher; the same id with the same body is the same request.
    pub id: String,
    /// The submission, screened by `habeas_domain::submission`.
    pub request: serde_json::Value,
}

impl Submitted {
    /// The longest `id`, in characters.
    pub const MAX_ID: usize = 200;

    /// Reads the wire form. The submission inside is not screened here.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageProblem> {
        let message: Self = read(bytes)?;
        if message.v != VERSION {
            return Err(MessageProblem::UnknownVersion { found: message.v });
        }
        if message.kind != SUBMITTED {
            return Err(MessageProblem::UnexpectedKind { expected: SUBMITTED });
        }
        let length = message.id.chars().count();
        if length == 0 || length > Self::MAX_ID || message.id.chars().any(char::is_control) {
            return Err(MessageProblem::Malformed {
                field: "id".to_owned(),
                reason: "use 1 to 200 characters without control characters".to_owned(),
            });
        }
        Ok(message)
    }
}

impl std::fmt::Debug for Submitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Submitted").field("v", &self.v).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Reads JSON; the problem names the place and the kind of mistake, never the value found there.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, MessageProblem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| MessageProblem::Malformed {
        field: match error.path().to_string() {
            path if path == "." => "the message".to_owned(),
            // Names come from outside too: one that does not look like a name may be a value.
            path if !looks_like_a_name(&path) => "a field".to_owned(),
            path => path,
        },
        reason: reason(error.inner()),
    })?;
    json.end().map_err(|_| MessageProblem::Malformed {
        field: "the message".to_owned(),
        reason: "something follows the JSON document".to_owned(),
    })?;
    Ok(value)
}

fn looks_like_a_name(path: &str) -> bool {
    path.len() <= 60 && path.chars().all(|c| c.is_ascii_alphanumeric() || "_.[]-".contains(c))
}

fn reason(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    match error.classify() {
        Category::Io | Category::Syntax => {
            format!("not valid JSON at line {} column {}", error.line(), error.column())
        }
        Category::Eof => "the JSON document ends too early".to_owned(),
        Category::Data => {
            let text = error.to_string();
            if text.starts_with("missing field") || text.starts_with("duplicate field") {
                text.split(" at line").next().unwrap_or_default().to_owned()
            } else if text.starts_with("unknown field") {
                "a field that this version does not know".to_owned()
            } else {
                "a value of the wrong type or form".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_name_the_field() {
        let cases = [
            r#"{"v":1,"kind":"request.submitted","id":"","request":{}}"#,
            r#"{"v":1,"kind":"request.withdrawn","id":"a","request":{}}"#,
            r#"{"v":9,"kind":"request.submitted","id":"a","request":{}}"#,
            r#"{"v":"one","kind":"request.submitted","id":"a","request":{}}"#,
            r#"{"kind":"request.submitted","id":"a","request":{}}"#,
            r#"{"v":1,"kind":"request.submitted","id":"a","request":{}} trailing"#,
            r#"{"v":1,"kind":"request.submitted","id":"a","request":{},"x":1}"#,
            r#"{"v":1,"kind":"request.submitted","id":"a","request":{},"hanako@example.jp":1}"#,
        ];
        let problems: Vec<String> =
            cases.iter().map(|case| Submitted::decode(case.as_bytes()).unwrap_err().to_string()).collect();
        insta::assert_snapshot!(problems.join("\n"), @r"
        not readable: id: use 1 to 200 characters without control characters
        the kind is not `request.submitted`
        version 9 is unknown; this release reads version 1
        not readable: v: a value of the wrong type or form
        not readable: the message: missing field `v`
        not readable: the message: something follows the JSON document
        not readable: x: a field that this version does not know
        not readable: a field: a field that this version does not know
        ");
    }

    #[test]
    fn deep_nesting_is_refused_not_overflowed() {
        let deep =
            format!(r#"{{"v":1,"kind":"request.submitted","id":"a","request":{}"#, "[".repeat(100_000));
        assert!(Submitted::decode(deep.as_bytes()).is_err());
    }
}
