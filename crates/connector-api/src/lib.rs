//! The contract between Habeas and a data store, with its layers.
