//! Publishing and consuming: one contract, two back ends.
//!
//! The queue is a messenger, never the truth: it carries ids between the ledger's outbox and the workers, and may
//! be wiped at any moment. What it promises is *at least once*: a message whose [`Queue::publish`] came back `Ok`
//! was stored by the back end, and is handed out until somebody acknowledges it. Effects are made single by the
//! inbox of the ledger, not here.
//!
//! [`RabbitQueue`] speaks to RabbitMQ; [`EmbeddedQueue`] lives in the process and forgets everything with it. Both
//! pass the same suite, `tests/contract`.

mod contract;
mod dead_letter;
mod declaring;
mod delivery;
mod embedded;
mod error;
mod measure;
mod message;
mod name;
mod rabbit;

pub use contract::{Consumer, Queue};
pub use dead_letter::DeadLetter;
pub use declaring::declare_at_start;
pub use delivery::{Delivery, Receipt, ack_all};
pub use embedded::{EmbeddedOptions, EmbeddedQueue};
pub use error::{AckError, PublishError, QueueError};
pub use message::Message;
pub use name::QueueName;
pub use rabbit::{Backoff, QUIET_LOG_TARGET, RabbitOptions, RabbitQueue, definitions};
