//! The crate from outside: what letters say, what leaves on the wire, what the transports survive.
#![cfg(test)]

mod answering;
mod common;
mod folder;
mod injection;
mod letters;
mod recording;
mod samples;
mod smtp;
mod tls;
mod wording;
