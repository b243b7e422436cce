//! Dying and panicking on purpose, for the recovery tests. Only in builds with the feature `failpoints`.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// The longest that those who are at the failpoint wait for the others.
const TOGETHER_WITHIN: Duration = Duration::from_mins(1);

/// Where to die.
struct Killing {
    /// There once it has died.
    marker: PathBuf,
    /// How many must be at the failpoint at once.
    parties: usize,
    there: Mutex<usize>,
    complete: Condvar,
}

/// Reads what this process is told to do to itself.
pub(crate) fn arm() {
    die_where_told();
    panic_where_told();
}

/// Reads `HABEAS_KILL_AT`, such as `task::after_apply=/tmp/died`: the first time the process comes to that failpoint it
/// makes the file and ends at once, as a kill would end it. While the file is there it does not die again. With a number
/// behind (`task::after_apply=/tmp/died=4`) it dies when so many are at that failpoint at once; the first wait for the last.
fn die_where_told() {
    let Ok(told) = std::env::var("HABEAS_KILL_AT") else { return };
    let mut parts = told.splitn(3, '=');
    let (Some(point), Some(marker)) = (parts.next(), parts.next()) else {
        eprintln!("HABEAS_KILL_AT: write it as failpoint=file or failpoint=file=number");
        return;
    };
    let killing = Killing {
        marker: marker.into(),
        parties: parts.next().and_then(|number| number.parse().ok()).unwrap_or(1),
        there: Mutex::new(0),
        complete: Condvar::new(),
    };
    let armed = fail::cfg_callback(point, move || killing.arrive());
    if let Err(error) = armed {
        eprintln!("HABEAS_KILL_AT: {error}");
    }
}

/// Reads `HABEAS_PANIC_AT`, such as `task::before_commit=/tmp/panic=10`: while that file is there, every tenth time that the
/// process comes to that failpoint, whoever came there panics.
fn panic_where_told() {
    let Ok(told) = std::env::var("HABEAS_PANIC_AT") else { return };
    let parts: Vec<&str> = told.splitn(3, '=').collect();
    let [point, file, every] = parts[..] else {
        eprintln!("HABEAS_PANIC_AT: write it as failpoint=file=number");
        return;
    };
    let (file, every) = (PathBuf::from(file), every.parse().unwrap_or(1_usize).max(1));
    let come = AtomicUsize::new(0);
    let armed = fail::cfg_callback(point, move || {
        let times = if file.exists() { come.fetch_add(1, Ordering::SeqCst) + 1 } else { return };
        assert!(!times.is_multiple_of(every), "failpoint panic");
    });
    if let Err(error) = armed {
        eprintln!("HABEAS_PANIC_AT: {error}");
    }
}

impl Killing {
    fn arrive(&self) {
        if Path::new(&self.marker).exists() {
            return;
        }
        if self.parties > 1 {
            // What else runs on this thread goes on meanwhile.
            tokio::task::block_in_place(|| self.wait_for_the_others());
        }
        if OpenOptions::new().write(true).create_new(true).open(&self.marker).is_ok() {
            std::process::abort();
        }
    }

    fn wait_for_the_others(&self) {
        let mut there = self.there.lock().unwrap_or_else(PoisonError::into_inner);
        *there += 1;
        self.complete.notify_all();
        let alone = |there: &mut usize| *there < self.parties;
        let waited = self.complete.wait_timeout_while(there, TOGETHER_WITHIN, alone);
        drop(waited);
    }
}
