//! What RabbitMQ and the network do to us, and how the back end comes out of it.

#![expect(clippy::unwrap_used, reason = "a failed test may panic, helpers of tests included")]

mod administration;
mod broker;
mod foreign;
mod network;
mod queues;
mod support;
