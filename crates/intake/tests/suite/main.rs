//! The reception and the public queue, on SQLite and PostgreSQL, with the embedded queue and a real RabbitMQ.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic, helpers of tests included")]

mod batches;
mod bed;
mod both_states;
mod every_bed;
mod garbage;
mod laws;
mod queue;
mod reception;
mod samples;
