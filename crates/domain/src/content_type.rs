//! What a file is, told by its content: whatever its name, its sender or its form say of it is not asked.

/// How much of a content tells its type, in bytes.
const TELLING: usize = 4 << 10;

/// The beginning of a content, as much as tells its type.
pub fn telling(content: &[u8]) -> &[u8] {
    content.get(..TELLING).unwrap_or(content)
}

/// The media type that a content speaks for. `text/plain` for text that is nothing else, and
/// `application/octet-stream` for what nobody knows.
pub fn of(content: &[u8]) -> &'static str {
    let start = telling(content);
    if start.is_empty() {
        return "application/x-empty";
    }
    if let Some(media_type) = active_text(start) {
        return media_type;
    }
    if let Some(kind) = infer::get(start) {
        return kind.mime_type();
    }
    if is_text(start) { "text/plain" } else { "application/octet-stream" }
}

/// Texts that a browser would run or draw.
fn active_text(start: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(start).to_lowercase();
    let body = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !body.starts_with('<') {
        return None;
    }
    let holds = |words: &[&str]| words.iter().any(|word| body.contains(word));
    if holds(&["<svg"]) && !holds(&["<html"]) {
        Some("image/svg+xml")
    } else if holds(&["<html", "<!doctype html", "<script", "<body", "<iframe", "<head"]) {
        Some("text/html")
    } else if body.starts_with("<?xml") {
        Some("text/xml")
    } else {
        None
    }
}

fn is_text(start: &[u8]) -> bool {
    start
        .iter()
        .all(|byte| *byte >= 0x20 && *byte != 0x7f || matches!(byte, b'\t' | b'\r' | b'\n' | 0x0c | 0x1b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_the_type() {
        for (content, expected) in [
            (&b"%PDF-1.7 x"[..], "application/pdf"),
            (b"\x89PNG\r\n\x1a\n........", "image/png"),
            (b"PK\x03\x04........................", "application/zip"),
            (b"<?xml version='1.0'?><svg onload=x>", "image/svg+xml"),
            (b" <!DOCTYPE html><p>", "text/html"),
            (b"hello", "text/plain"),
            (b"\0\x01\x02", "application/octet-stream"),
            (b"", "application/x-empty"),
        ] {
            assert_eq!(of(content), expected);
        }
    }
}
