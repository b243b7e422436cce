//! Workers, leases, retries, the outbox relay, the reconciler and the drain.
