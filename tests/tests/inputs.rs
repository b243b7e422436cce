//! Bad input against the running daemon: each gets a clear answer, and nothing is lost.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod inputs {
    mod queue;
    mod table;
}
