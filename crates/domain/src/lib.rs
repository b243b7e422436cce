//! The words of the field as types: requests, rights, jobs, tasks, their state machines, regimes and deadlines. No I/O.
