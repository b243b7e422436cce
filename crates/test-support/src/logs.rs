//! The end of a server's log, for the text of a failed start.

use std::path::Path;

const LINES: usize = 60;

/// The last lines of the file, or why it cannot be read.
pub(crate) fn tail(path: &Path) -> String {
    match std::fs::read(path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.lines().collect();
            let from = lines.len().saturating_sub(LINES);
            lines.into_iter().skip(from).collect::<Vec<_>>().join("\n")
        }
        Err(failure) => format!("({} cannot be read: {failure})", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let text: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        std::fs::write(&path, text.join("\n")).unwrap();
        let tail = tail(&path);
        assert!(tail.starts_with("40\n") && tail.ends_with("\n99"), "{tail}");
    }
}
