//! Sizes the way people write them.

/// A size in decimal units, rounded up: `2.4 MB`, with a space that does not break.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = bytes.div_ceil(unit / 10);
            return format!("{}.{}\u{a0}{name}", tenths / 10, tenths % 10);
        }
    }
    "1\u{a0}KB".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_can_read_them() {
        for (bytes, text) in
            [(0, "1 KB"), (1_000, "1.0 KB"), (2_340_001, "2.4 MB"), (5_000_000_000, "5.0 GB")]
        {
            assert_eq!(size(bytes).replace('\u{a0}', " "), text);
        }
    }
}
