//! Where a sealed value belongs.

use std::fmt;

/// The place a sealed value belongs to: a column or a kind of file, and the id of its row. A value that was moved
/// to another place does not open.
///
/// The place is a constant of the code, the id is never personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    place: &'static str,
    id: String,
}

impl Context {
    /// For example `Context::new("request.personal", request_id)`.
    pub fn new(place: &'static str, id: impl fmt::Display) -> Self {
        Self { place, id: id.to_string() }
    }

    /// Associated data (RFC 8439, section 2.8): the format that is bound, then this place. Every part has its
    /// length before it, so that no two contexts read alike.
    pub(crate) fn bind(&self, format: &[u8]) -> Vec<u8> {
        let mut bound = Vec::with_capacity(format.len() + self.place.len() + self.id.len() + 24);
        for part in [format, self.place.as_bytes(), self.id.as_bytes()] {
            push_part(&mut bound, part);
        }
        bound
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.place, self.id)
    }
}

/// Appends `part` with its length as eight bytes, big end first.
pub(crate) fn push_part(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_be_bytes());
    out.extend_from_slice(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_boundary_is_another_context() {
        let one = Context::new("request", "a/b").bind(b"v1");
        let two = Context::new("request/a", "b").bind(b"v1");
        assert_eq!(Context::new("request", "a/b").to_string(), Context::new("request/a", "b").to_string());
        assert_ne!(one, two);
    }
}
