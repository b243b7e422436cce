use habeas_domain::{RequestId, WorkId, WorkKind};
use serde::{Deserialize, Serialize};

use crate::{MessageProblem, VERSION};

/// Says that a piece of work is due. A hint, not a command: the worker claims the row in the state database,
/// and a repeated or late announcement of finished work claims nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// The version of this format.
    pub v: u32,
    /// What kind of work.
    pub kind: WorkKind,
    /// Which piece of work.
    pub id: WorkId,
    /// For which request.
    pub request: RequestId,
}

impl Announcement {
    /// An announcement in the present version.
    pub const fn new(kind: WorkKind, id: WorkId, request: RequestId) -> Self {
        Self { v: VERSION, kind, id, request }
    }

    /// The wire form.
    pub fn encode(&self) -> String {
        serde_json::json!({ "v": self.v, "kind": self.kind, "id": self.id, "request": self.request })
            .to_string()
    }

    /// Reads the wire form.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageProblem> {
        let message: Self = crate::submitted::read(bytes)?;
        if message.v == VERSION {
            Ok(message)
        } else {
            Err(MessageProblem::UnknownVersion { found: message.v })
        }
    }
}

#[cfg(test)]
mod tests {
    use habeas_domain::TypedId;
    use uuid::Uuid;

    use super::*;

    fn example() -> Announcement {
        Announcement::new(
            WorkKind::Task,
            WorkId::from_uuid(Uuid::from_u128(1)),
            RequestId::from_uuid(Uuid::from_u128(2)),
        )
    }

    #[test]
    fn the_wire_form_is_fixed() {
        insta::assert_snapshot!(example().encode(), @r#"{"id":"00000000-0000-0000-0000-000000000001","kind":"task","request":"00000000-0000-0000-0000-000000000002","v":1}"#);
        assert_eq!(Announcement::decode(example().encode().as_bytes()).ok(), Some(example()));
    }

    #[test]
    fn what_cannot_be_read_says_why_without_the_payload() {
        let cases: [&[u8]; 5] =
            [b"", b"\xff\xfe", b"{}", b"[1]", br#"{"v":1,"kind":"task","id":"hanako@example.jp"}"#];
        for bytes in cases {
            let problem = Announcement::decode(bytes).unwrap_err().to_string();
            assert!(!problem.contains("hanako"), "{problem}");
        }
        let newer = Announcement { v: 2, ..example() }.encode();
        assert!(matches!(
            Announcement::decode(newer.as_bytes()),
            Err(MessageProblem::UnknownVersion { found: 2 })
        ));
    }
}
