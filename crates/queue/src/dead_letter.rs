//! What ops sees of a dead letter.

/// A message that was given up, as listed for ops. The body stays in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message's id, empty when its sender gave none.
    pub id: String,
    /// Why it was given up: the words of [`Delivery::dead_letter`](crate::Delivery::dead_letter), or the broker's
    /// own (`delivery_limit`), or `unknown`. Of an oversized body, its size and the limit.
    pub reason: String,
    /// Size of the body in bytes.
    pub bytes: usize,
}
