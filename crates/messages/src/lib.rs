//! The versioned queue payloads and their wire form.
