//! The suite every connector must pass; it refuses to pass when it tested nothing.
