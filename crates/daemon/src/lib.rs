//! The one binary: serve, demo, store, request, task, audit, doctor.
