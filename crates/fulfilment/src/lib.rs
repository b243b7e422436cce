//! Resolve the person's keys, fan out, run tasks, assemble and prove.
