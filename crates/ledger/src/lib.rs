//! The state database: domain types in and out.
