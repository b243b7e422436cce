//! The schema of the state database, as a frozen history of steps.
