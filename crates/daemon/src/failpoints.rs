//! Dying on purpose, for the recovery tests. Only in builds with the feature `failpoints`.

use std::fs::OpenOptions;

/// Reads `HABEAS_KILL_AT`, such as `task::after_apply=/tmp/died`: the first time the process comes to that failpoint it
/// makes the file and ends at once, as a kill would end it. While the file is there it does not die again.
pub(crate) fn die_where_told() {
    let Ok(told) = std::env::var("HABEAS_KILL_AT") else { return };
    let Some((point, marker)) = told.split_once('=') else {
        eprintln!("HABEAS_KILL_AT: write it as failpoint=file");
        return;
    };
    let marker = marker.to_owned();
    let armed = fail::cfg_callback(point, move || {
        if OpenOptions::new().write(true).create_new(true).open(&marker).is_ok() {
            std::process::abort();
        }
    });
    if let Err(error) = armed {
        eprintln!("HABEAS_KILL_AT: {error}");
    }
}
