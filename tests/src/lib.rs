//! Whole-system tests: workflow, recovery, attacks.
