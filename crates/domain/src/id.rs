//! Ids that differ by type, so that a job's id cannot stand where a request's belongs.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, Entropy};

/// An id that wraps a time-ordered UUID (RFC 9562, version 7).
pub trait TypedId: Copy + Send + Sync + 'static {
    /// Wraps a UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
}

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id: expected a UUID such as 0193b5c0-0000-7000-8000-000000000000")]
pub struct MalformedId {
    /// The kind of id that was wanted.
    pub kind: &'static str,
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl TypedId for $name {
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($kind, ":{}"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                Uuid::try_parse(text).map(Self).map_err(|_| MalformedId { kind: $kind })
            }
        }
    };
}

typed_id!(
    /// What one person asked for at one time.
    RequestId, "request");
typed_id!(
    /// One right being fulfilled for one request.
    JobId, "job");
typed_id!(
    /// Anything that is queued, leased and retried. A task's id is one of these.
    WorkId, "work");
typed_id!(
    /// A mail to a person.
    MailId, "mail");
typed_id!(
    /// A mail that came in.
    ReceivedMailId, "received mail");
typed_id!(
    /// An archive a person downloads.
    PackageId, "package");
typed_id!(
    /// A document given as evidence.
    PaperId, "paper");
typed_id!(
    /// An API token, and so the staff member or system that holds it.
    TokenId, "token");
typed_id!(
    /// Somebody who asks on other people's behalf.
    AgentId, "agent");
typed_id!(
    /// Requests that one agent handed in together.
    BatchId, "batch");
typed_id!(
    /// A legal hold.
    HoldId, "hold");
typed_id!(
    /// One closing of a store, from when it is closed until it is reopened.
    ClosingId, "closing");
typed_id!(
    /// One run of erasing again in a restored store.
    ReErasingId, "run of re-erasing");
typed_id!(
    /// A queue message.
    MessageId, "message");
typed_id!(
    /// One process start of a worker: random, never reused.
    WorkerId, "worker");

impl RequestId {
    /// The short form that people read out on the phone, such as `HB-7K3M-9QTX`: 40 bits of the id's random
    /// part in Crockford's base 32 (no I, L, O, U). For people, not for looking up with certainty.
    pub fn reference(self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let tail = self.0.as_u128() & 0xff_ffff_ffff;
        let letters: String = (0..8)
            .rev()
            .map(|place| char::from(ALPHABET[usize::try_from((tail >> (place * 5)) & 31).unwrap_or(0)]))
            .collect();
        let (front, back) = letters.split_at(4);
        format!("HB-{front}-{back}")
    }
}

/// Makes ids from a clock and a source of randomness.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Ids {
    /// Ids stamped by `clock` and made unique by `entropy`.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy }
    }

    /// A new id of any kind.
    pub fn fresh<T: TypedId>(&self) -> T {
        let mut random = [0_u8; 10];
        self.entropy.fill(&mut random);
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        T::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The present moment, by the clock that stamps the ids.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The clock that stamps the ids.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The randomness that makes the ids unique.
    pub fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.entropy
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SeededEntropy, SystemClock};

    #[test]
    fn ids_print_their_kind_and_parse_back() {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SeededEntropy::new(1)));
        let id: RequestId = ids.fresh();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(format!("{id:?}").starts_with("request:"));
        assert_eq!("x".parse::<JobId>(), Err(MalformedId { kind: "job" }));
    }

    #[test]
    fn a_reference_is_short_and_without_lookalikes() {
        let id = RequestId::from_uuid(Uuid::from_u128(0x1234_5678_9abc));
        assert_eq!(id.reference().len(), 12);
        assert!(!id.reference()[3..].contains(['I', 'L', 'O', 'U']));
    }
}
