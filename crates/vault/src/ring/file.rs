//! The ring's file.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use habeas_domain::{Clock, Entropy};
use zeroize::Zeroizing;

use super::KeyRing;
use crate::VaultError;

/// Longer files are not key rings.
const LONGEST: u64 = 1024 * 1024;
const OWNER_ONLY: u32 = 0o600;
const OTHERS: u32 = 0o077;

impl KeyRing {
    /// Reads a ring. Refuses a file that its group or others may touch.
    pub fn load(path: &Path) -> Result<Self, VaultError> {
        Self::parse(&read(path)?)
    }

    /// Reads the ring, or makes one when there is no file: the first start of an embedded installation.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy, clock: &dyn Clock) -> Result<Self, VaultError> {
        let folder = Locked::new(path)?;
        match Self::load(path) {
            Err(VaultError::RingIo { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let ring = Self::generate(entropy, clock);
                folder.write(&ring)?;
                Ok(ring)
            }
            loaded => loaded,
        }
    }

    /// Writes a new file of mode 0600. Never overwrites one.
    pub fn create(&self, path: &Path) -> Result<(), VaultError> {
        let folder = Locked::new(path)?;
        if path.try_exists().map_err(failed(path, "look for it"))? {
            return Err(failed(path, "create it")(io::ErrorKind::AlreadyExists.into()));
        }
        folder.write(self)
    }

    /// Changes the ring in its file, as one step: after a crash there is the old ring or the new one, and two
    /// changes at once come one after the other. Gives back what `change` gives, and the new ring.
    pub fn update<T>(
        path: &Path,
        change: impl FnOnce(&mut Self) -> Result<T, VaultError>,
    ) -> Result<(T, Self), VaultError> {
        let folder = Locked::new(path)?;
        let mut ring = Self::load(path)?;
        let result = change(&mut ring)?;
        folder.write(&ring)?;
        Ok((result, ring))
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, VaultError> {
    let file = File::open(path).map_err(failed(path, "open it"))?;
    let metadata = file.metadata().map_err(failed(path, "read its mode"))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(VaultError::RingPermissions { path: path.to_owned(), mode });
    }
    // Room for all of it at once, so that no half-read copy is left behind in memory.
    let room = usize::try_from(metadata.len().min(LONGEST)).unwrap_or_default() + 1;
    let mut text = Zeroizing::new(String::with_capacity(room));
    file.take(LONGEST).read_to_string(&mut text).map_err(failed(path, "read it"))?;
    Ok(text)
}

/// The ring's folder, locked against other writers until dropped. The operating system lifts the lock of a
/// process that dies.
struct Locked<'path> {
    path: &'path Path,
    folder: File,
}

impl<'path> Locked<'path> {
    fn new(path: &'path Path) -> Result<Self, VaultError> {
        let folder = File::open(folder_of(path)).map_err(failed(path, "open its folder"))?;
        folder.lock().map_err(failed(path, "lock its folder"))?;
        Ok(Self { path, folder })
    }

    fn write(&self, ring: &KeyRing) -> Result<(), VaultError> {
        let text = ring.expose()?;
        let draft = draft_of(self.path);
        write_draft(&draft, text.as_bytes()).map_err(failed(self.path, "write the file beside it"))?;
        fs::rename(&draft, self.path).map_err(failed(self.path, "replace it"))?;
        self.folder.sync_all().map_err(failed(self.path, "make it durable"))
    }
}

fn write_draft(draft: &Path, text: &[u8]) -> io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(draft)?;
    file.write_all(text)?;
    file.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn draft_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

fn failed(path: &Path, action: &'static str) -> impl Fn(io::Error) -> VaultError {
    let path = path.to_owned();
    move |source| VaultError::RingIo { path: path.clone(), action, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use habeas_domain::{ManualClock, SeededEntropy};
    use std::fs::Permissions;

    fn clock() -> ManualClock {
        ManualClock::new(chrono::DateTime::UNIX_EPOCH)
    }

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_first_start_makes_a_private_file_and_the_next_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let made = KeyRing::load_or_create(&path, &SeededEntropy::new(1), &clock()).unwrap();
        assert_eq!(mode_of(&path), 0o600);
        let read = KeyRing::load_or_create(&path, &SeededEntropy::new(2), &clock()).unwrap();
        assert_eq!(read.keys(), made.keys());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn a_file_that_others_may_touch_is_refused_with_the_fix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        KeyRing::generate(&SeededEntropy::new(1), &clock()).create(&path).unwrap();
        for mode in [0o644, 0o640, 0o606, 0o620] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let text = KeyRing::load(&path).unwrap_err().to_string();
            assert!(text.contains("keys.json") && text.contains(&format!("{mode:04o}")), "{text}");
            assert!(text.contains("chmod 0600"), "{text}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        KeyRing::load(&path).unwrap();
    }

    #[test]
    fn an_existing_ring_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let ring = KeyRing::generate(&SeededEntropy::new(1), &clock());
        ring.create(&path).unwrap();
        let error = KeyRing::generate(&SeededEntropy::new(2), &clock()).create(&path).unwrap_err();
        assert!(
            matches!(error, VaultError::RingIo { source, .. } if source.kind() == io::ErrorKind::AlreadyExists)
        );
        assert_eq!(KeyRing::load(&path).unwrap().keys(), ring.keys());
    }

    #[test]
    fn changes_at_once_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        KeyRing::generate(&SeededEntropy::new(0), &clock()).create(&path).unwrap();
        std::thread::scope(|scope| {
            for seed in 1..=8 {
                let path = &path;
                scope.spawn(move || {
                    let entropy = SeededEntropy::new(seed);
                    KeyRing::update(path, |ring| Ok(ring.rotate_wrapping(&entropy, &clock()))).unwrap();
                });
            }
        });
        assert_eq!(KeyRing::load(&path).unwrap().wrapping().len(), 9);
        assert_eq!(mode_of(&path), 0o600);
    }

    #[test]
    fn a_failed_change_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let ring = KeyRing::generate(&SeededEntropy::new(1), &clock());
        ring.create(&path).unwrap();
        let id = ring.active_wrapping().unwrap().id();
        assert!(KeyRing::update(&path, |ring| ring.remove_wrapping(id)).is_err());
        assert_eq!(KeyRing::load(&path).unwrap().keys(), ring.keys());
    }

    #[test]
    fn a_stale_draft_of_a_crash_does_not_stand_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        fs::write(draft_of(&path), "half a ring").unwrap();
        KeyRing::load_or_create(&path, &SeededEntropy::new(1), &clock()).unwrap();
        KeyRing::load(&path).unwrap();
    }
}
