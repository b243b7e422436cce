//! How fast mails of an mbox are understood, and understood and stored, and in how much memory. Prints its figures as
//! JSON.

mod mbox;
mod stored;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use habeas_mailbox::{Reader, ReaderOptions, understand};
use serde_json::json;

/// Measures how fast mails are understood.
#[derive(Debug, Parser)]
struct Options {
    /// How many mails.
    #[arg(long, default_value_t = 10_000)]
    mails: usize,
    /// How many threads.
    #[arg(long, default_value_t = 4)]
    threads: usize,
    /// Store them as well, in PostgreSQL: a private one, or that of `HABEAS_TEST_POSTGRES_URL`.
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    store: bool,
    /// A folder of mails to repeat [default: the corpus of the rules].
    #[arg(long)]
    corpus: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let folder = tempfile::tempdir().context("making a folder for the mbox")?;
    let file = folder.path().join("mails.mbox");
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/mailbox/tests/corpus");
    let bytes = write(&file, options.corpus.as_deref().unwrap_or(&default), options.mails)?;
    let before = peak_rss()?;
    let start = Instant::now();
    let (verdicts, slowest) = read(&file, options.threads)?;
    let seconds = start.elapsed().as_secs_f64();
    let mails: usize = verdicts.values().sum();
    ensure!(mails == options.mails, "{mails} mails came out of an mbox of {}", options.mails);
    let understood_rss = peak_rss()?;
    let stored =
        if options.store { Some(stored::measure(&file, options.mails, options.threads)?) } else { None };
    let figures = json!({
        "mails": mails,
        "mbox_mib": mib(bytes),
        "threads": options.threads,
        "seconds": seconds,
        "mails_per_second": f64::from(u32::try_from(mails)?) / seconds,
        "slowest_ms": slowest,
        "rss_before_mib": before,
        "peak_rss_mib": understood_rss,
        "verdicts": verdicts,
        "stored": stored,
    });
    println!("{}", serde_json::to_string_pretty(&figures)?);
    Ok(())
}

/// Writes an mbox of so many mails; returns its length.
fn write(file: &Path, corpus: &Path, mails: usize) -> Result<u64> {
    let kinds = mbox::corpus(corpus)?;
    let mut out = BufWriter::new(File::create(file).context("making the mbox")?);
    for (number, mail) in kinds.iter().cycle().take(mails).enumerate() {
        mbox::append(&mut out, number, mail)?;
    }
    out.flush().context("writing the mbox")?;
    Ok(file.metadata().context("looking at the mbox")?.len())
}

/// Understands all mails of an mbox; returns how many of each verdict, and the milliseconds of the slowest.
fn read(file: &Path, threads: usize) -> Result<(BTreeMap<String, usize>, f64)> {
    let reader = Reader::new(ReaderOptions::default()).context("the rules")?;
    // So few wait that memory does not depend on how many there are.
    let (sender, receiver) = mpsc::sync_channel::<Vec<u8>>(threads * 4);
    let receiver = Arc::new(Mutex::new(receiver));
    let total = Mutex::new((BTreeMap::new(), 0.0_f64));
    let mut mails = mbox::Mails::new(BufReader::new(File::open(file).context("opening the mbox")?));
    thread::scope(|scope| -> Result<()> {
        for _ in 0..threads {
            let (receiver, reader, total) = (Arc::clone(&receiver), reader.clone(), &total);
            scope.spawn(move || {
                while let Some(mail) = next(&receiver) {
                    let start = Instant::now();
                    let verdict = understand(&mail, &reader).verdict.to_string();
                    let took = start.elapsed().as_secs_f64() * 1e3;
                    let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
                    *total.0.entry(verdict).or_insert(0) += 1;
                    total.1 = total.1.max(took);
                }
            });
        }
        while let Some(mail) = mails.next_mail()? {
            sender.send(mail).context("all readers ended")?;
        }
        drop(sender);
        Ok(())
    })?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn next(receiver: &Mutex<mpsc::Receiver<Vec<u8>>>) -> Option<Vec<u8>> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The most memory that this process has had so far, in MiB.
fn peak_rss() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("reading /proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse().context("VmHWM is no number")?;
    Ok(mib(kib * 1024))
}

fn mib(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}
