//! Names that no other test of this run uses.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A number that differs on every call and in every process.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// `prefix` followed by 16 hexadecimal digits, fit for a database, virtual host or queue name.
pub fn unique(prefix: &str) -> String {
    format!("{prefix}{:016x}", random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ() {
        assert_ne!(unique("t_"), unique("t_"));
        assert!(unique("t_").starts_with("t_"));
    }
}
