//! What the bucket holds.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::signature::Credentials;

/// S3 refuses smaller parts, the last one excepted.
const SMALLEST_PART: usize = 5 * 1024 * 1024;

/// The bucket, and who may use it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) bucket: String,
    pub(super) credentials: Credentials,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    objects: BTreeMap<String, Bytes>,
    uploads: BTreeMap<String, Upload>,
    calls: BTreeMap<&'static str, usize>,
    next_upload: u64,
}

#[derive(Debug)]
struct Upload {
    name: String,
    parts: BTreeMap<u32, Bytes>,
}

/// Why parts do not make an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfinished {
    NoSuchUpload,
    EntityTooSmall,
}

impl State {
    pub(super) fn new(bucket: String, credentials: Credentials) -> Self {
        Self { bucket, credentials, inner: Mutex::default() }
    }

    pub(super) fn count(&self, call: &'static str) {
        *self.inner().calls.entry(call).or_default() += 1;
    }

    pub(super) fn calls(&self) -> BTreeMap<&'static str, usize> {
        self.inner().calls.clone()
    }

    pub(super) fn objects(&self) -> BTreeMap<String, Bytes> {
        self.inner().objects.clone()
    }

    pub(super) fn open_uploads(&self) -> usize {
        self.inner().uploads.len()
    }

    pub(super) fn put(&self, name: &str, bytes: Bytes) {
        self.inner().objects.insert(name.to_owned(), bytes);
    }

    pub(super) fn get(&self, name: &str) -> Option<Bytes> {
        self.inner().objects.get(name).cloned()
    }

    pub(super) fn delete(&self, name: &str) {
        self.inner().objects.remove(name);
    }

    /// The names that begin with `prefix` and come after `after`: a page of at most `limit`, and whether more follow.
    pub(super) fn list(&self, prefix: &str, after: &str, limit: usize) -> (Vec<(String, usize)>, bool) {
        let inner = self.inner();
        let matching = |name: &&String| name.starts_with(prefix) && name.as_str() > after;
        let names: Vec<&String> = inner.objects.keys().filter(matching).take(limit + 1).collect();
        let more = names.len() > limit;
        let sized = |name: &String| (name.clone(), inner.objects.get(name).map_or(0, Bytes::len));
        (names.into_iter().take(limit).map(sized).collect(), more)
    }

    pub(super) fn begin(&self, name: &str) -> String {
        let mut inner = self.inner();
        inner.next_upload += 1;
        let id = format!("upload-{}", inner.next_upload);
        inner.uploads.insert(id.clone(), Upload { name: name.to_owned(), parts: BTreeMap::new() });
        id
    }

    pub(super) fn part(&self, upload: &str, number: u32, bytes: Bytes) -> bool {
        let mut inner = self.inner();
        let upload = inner.uploads.get_mut(upload);
        upload.map(|upload| upload.parts.insert(number, bytes)).is_some()
    }

    pub(super) fn finish(&self, upload: &str) -> Result<(), Unfinished> {
        let mut inner = self.inner();
        let Some(Upload { name, parts }) = inner.uploads.get(upload) else {
            return Err(Unfinished::NoSuchUpload);
        };
        let all_but_last = parts.values().rev().skip(1);
        if parts.is_empty() || all_but_last.into_iter().any(|part| part.len() < SMALLEST_PART) {
            return Err(Unfinished::EntityTooSmall);
        }
        let whole = parts.values().flatten().copied().collect::<Vec<u8>>();
        let name = name.clone();
        inner.uploads.remove(upload);
        inner.objects.insert(name, whole.into());
        Ok(())
    }

    pub(super) fn give_up(&self, upload: &str) {
        self.inner().uploads.remove(upload);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_parts_make_no_object_unless_they_are_last() {
        let credentials = Credentials { key_id: String::new(), secret: String::new(), region: String::new() };
        let state = State::new("bucket".to_owned(), credentials);
        let upload = state.begin("name");
        assert!(state.part(&upload, 1, Bytes::from(vec![1; SMALLEST_PART])));
        assert!(state.part(&upload, 2, Bytes::from_static(b"end")));
        state.finish(&upload).unwrap();
        assert_eq!(state.get("name").unwrap().len(), SMALLEST_PART + 3);
        let upload = state.begin("other");
        state.part(&upload, 1, Bytes::from_static(b"small"));
        state.part(&upload, 2, Bytes::from_static(b"end"));
        assert_eq!(state.finish(&upload), Err(Unfinished::EntityTooSmall));
        assert_eq!((state.get("other"), state.open_uploads()), (None, 1));
    }
}
