//! Screening: what is taken, what is refused and how, and what no input can bring about.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod children;
mod hostile;
mod refusals;
mod samples;
mod taken;
