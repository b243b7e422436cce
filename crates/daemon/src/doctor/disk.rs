//! Whether there is room for what Habeas writes on this machine.

use std::path::{Path, PathBuf};

use habeas_config::Config;
use nix::sys::statvfs::statvfs;

use super::Finding;

const GIB: u64 = 1024 * 1024 * 1024;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let folder = existing(&config.data_dir);
    let Ok(room) = statvfs(&folder) else {
        let message = format!("cannot tell how much room there is at {}", folder.display());
        return vec![Finding::warning("disk", message, "look yourself")];
    };
    let free = room.blocks_available().saturating_mul(room.fragment_size());
    let message = format!("{} GiB free at {}", free / GIB, folder.display());
    vec![if free < GIB {
        Finding::warning("disk", message, "make room: spools and packages need it")
    } else {
        Finding::ok("disk", message)
    }]
}

/// The folder, or the nearest one above it that is there.
fn existing(folder: &Path) -> PathBuf {
    let nearest = folder.ancestors().find(|one| one.exists());
    nearest.filter(|one| !one.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}
