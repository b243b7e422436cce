//! The configuration: one file per section, checked, with its own JSON Schema.
