//! The parts of a multipart (RFC 2046, section 5.1).

use memchr::memmem::Finder;

/// The parts between the lines of a boundary. Nothing, if there is no such line: then it is no multipart.
pub(crate) fn parts<'m>(body: &'m [u8], boundary: &str, most: usize) -> Vec<&'m [u8]> {
    let mark = format!("--{boundary}");
    let finder = Finder::new(mark.as_bytes());
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    for at in finder.find_iter(body) {
        let Some(line) = Delimiter::at(body, at, mark.len()) else { continue };
        if let Some(start) = open {
            parts.push(body.get(start..line.start.max(start)).unwrap_or_default());
        }
        open = (!line.is_last && parts.len() < most).then_some(line.end);
        if open.is_none() {
            break;
        }
    }
    // Truncated: the last part goes on to the end.
    parts.extend(open.and_then(|start| body.get(start..)));
    parts
}

/// A line that separates two parts.
struct Delimiter {
    /// Where the part before it ends.
    start: usize,
    /// Where the part behind it begins.
    end: usize,
    /// Whether no part follows.
    is_last: bool,
}

impl Delimiter {
    fn at(body: &[u8], at: usize, length: usize) -> Option<Self> {
        let before = body.get(..at)?;
        let start = match before {
            [] => 0,
            [.., b'\r', b'\n'] => at - 2,
            [.., b'\n'] => at - 1,
            _ => return None,
        };
        let after = body.get(at + length..)?;
        let (after, is_last) = after.strip_prefix(b"--").map_or((after, false), |rest| (rest, true));
        let line_end = memchr::memchr(b'\n', after);
        let padding = after.get(..line_end.unwrap_or(after.len()))?;
        // A longer boundary that begins with this one is another one.
        if !padding.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let end = body.len() - after.len() + line_end.map_or(after.len(), |end| end + 1);
        Some(Self { start, end, is_last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split<'m>(body: &'m str, boundary: &str) -> Vec<&'m str> {
        parts(body.as_bytes(), boundary, 100)
            .into_iter()
            .map(|part| std::str::from_utf8(part).expect("text"))
            .collect()
    }

    #[test]
    fn parts_are_what_lies_between() {
        assert_eq!(split("pre\r\n--b\r\none\r\n--b  \r\ntwo\r\n--b--\r\npost", "b"), ["one", "two"]);
        assert_eq!(split("--b\none\n--bc\nstill one\n--b", "b"), ["one\n--bc\nstill one", ""]);
        assert_eq!(split("--b\none, cut o", "b"), ["one, cut o"]);
        assert!(split("no boundary --b here", "b").is_empty());
        assert_eq!(split("--b\n--b\n--b--", "b"), ["", ""]);
    }
}
