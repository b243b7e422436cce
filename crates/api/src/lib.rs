//! The HTTP API for staff, systems and operators.
