//! Mails in one file (RFC 4155), as much of it as a benchmark needs.

use std::{
    fs,
    io::{BufRead, Write},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};

/// The mails below a folder, in the order of their names.
pub(crate) fn corpus(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let mut paths = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).context("reading the corpus")? {
            let path = entry.context("reading the corpus")?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "eml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    ensure!(!paths.is_empty(), "no .eml file below {}", folder.display());
    paths.iter().map(|path| fs::read(path).context("reading a mail")).collect()
}

/// Writes one mail, made different from every other by its number; lines that begin like a separator are marked.
pub(crate) fn append(out: &mut impl Write, number: usize, mail: &[u8]) -> Result<()> {
    out.write_all(b"From sender@example.com Fri Mar  1 12:34:56 2024\n")?;
    writeln!(out, "X-Number: {number}")?;
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if let Some(id) = line.strip_prefix(b"Message-ID: <") {
            write!(out, "Message-ID: <{number}.")?;
            out.write_all(id)?;
            continue;
        }
        if line.starts_with(b"From ") {
            out.write_all(b">")?;
        }
        out.write_all(line)?;
    }
    out.write_all(b"\n")?;
    Ok(())
}

/// The mails of an mbox, one after the other.
pub(crate) struct Mails<R> {
    from: R,
    line: Vec<u8>,
}

impl<R: BufRead> Mails<R> {
    pub(crate) const fn new(from: R) -> Self {
        Self { from, line: Vec::new() }
    }

    /// The next mail, without its separator.
    pub(crate) fn next_mail(&mut self) -> Result<Option<Vec<u8>>> {
        let mut mail = Vec::new();
        loop {
            self.line.clear();
            let is_end = self.from.read_until(b'\n', &mut self.line).context("reading the mbox")? == 0;
            let is_separator = self.line.starts_with(b"From ");
            if (is_end || is_separator) && !mail.is_empty() {
                return Ok(Some(mail));
            }
            if is_end {
                return Ok(None);
            }
            if !is_separator {
                mail.extend_from_slice(&self.line);
            }
        }
    }
}
