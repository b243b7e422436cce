//! The archive a person downloads.
