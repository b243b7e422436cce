//! A peer that plays an IMAP server with one folder, and fails at chosen commands.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use habeas_mailbox::source::imap::{ImapLogin, ImapOptions, ImapSecret, ImapSecurity};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How a command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    No,
    Bad,
    /// A goodbye, and the end of the connection.
    Bye,
    /// The end of the connection in between two lines.
    Cut,
    /// No answer.
    Silence,
    /// Something that is not IMAP.
    Garbage,
    /// An OK, and nothing of the mails that were asked for.
    Nothing,
    /// An OK, and NIL for the bytes of each mail.
    Nil,
}

/// Which commands fail, and how often.
struct Failing {
    /// The command has this in it.
    word: &'static str,
    /// And is about this mail, or any.
    uid: Option<u32>,
    fault: Fault,
    times: usize,
}

#[derive(Default)]
struct Folder {
    mails: BTreeMap<u32, Vec<u8>>,
    /// Arrived before everything else.
    old: BTreeSet<u32>,
    seen: BTreeSet<u32>,
    moved: BTreeSet<u32>,
    failing: Vec<Failing>,
    commands: Vec<String>,
    without_next: bool,
    /// Whether and how it takes UTF-8 (RFC 6855).
    utf8: Utf8,
    is_utf8_enabled: bool,
}

/// What a server says of UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Utf8 {
    #[default]
    Never,
    Offered,
    Demanded,
}

pub(crate) struct Peer {
    folder: Arc<Mutex<Folder>>,
    port: u16,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    pub(crate) async fn start(mails: &[(u32, Vec<u8>)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = Folder { mails: mails.iter().cloned().collect(), ..Folder::default() };
        let folder = Arc::new(Mutex::new(folder));
        let shared = Arc::clone(&folder);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { folder, port, task }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Folder) -> T) -> T {
        change(&mut self.folder.lock().unwrap())
    }

    pub(crate) fn fail(&self, word: &'static str, uid: Option<u32>, fault: Fault, times: usize) {
        self.with(|folder| folder.failing.push(Failing { word, uid, fault, times }));
    }

    pub(crate) fn heal(&self) {
        self.with(|folder| folder.failing.clear());
    }

    pub(crate) fn deliver(&self, uid: u32, raw: Vec<u8>, is_old: bool) {
        self.with(|folder| {
            folder.mails.insert(uid, raw);
            folder.old.extend(is_old.then_some(uid));
        });
    }

    pub(crate) fn remove(&self, uid: u32) {
        self.with(|folder| folder.mails.remove(&uid));
    }

    pub(crate) fn utf8(&self, utf8: Utf8) {
        self.with(|folder| folder.utf8 = utf8);
    }

    pub(crate) fn without_next(&self) {
        self.with(|folder| folder.without_next = true);
    }

    pub(crate) fn seen(&self) -> Vec<u32> {
        self.with(|folder| folder.seen.iter().copied().collect())
    }

    pub(crate) fn moved(&self) -> Vec<u32> {
        self.with(|folder| folder.moved.iter().copied().collect())
    }

    /// How many commands had this in them.
    pub(crate) fn asked(&self, word: &str) -> usize {
        self.with(|folder| folder.commands.iter().filter(|command| command.contains(word)).count())
    }

    pub(crate) fn options(&self) -> ImapOptions {
        let password = ImapSecret::Fixed(habeas_domain::Personal::new("secret".to_owned()));
        let mut options = ImapOptions::new("privacy", "127.0.0.1", "privacy", ImapLogin::Password(password));
        options.port = self.port;
        options.security = ImapSecurity::Plain;
        options.cut_off = Some("2026-01-01T00:00:00Z".parse().unwrap());
        options.limit = std::time::Duration::from_secs(30);
        options.poll = std::time::Duration::from_millis(10);
        options.retry = std::time::Duration::from_millis(1);
        options.patience = std::time::Duration::ZERO;
        options
    }
}

async fn serve(stream: TcpStream, folder: Arc<Mutex<Folder>>) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    if stream.write_all(b"* OK ready\r\n").await.is_err() {
        return;
    }
    loop {
        line.clear();
        // A reader that was dropped cuts its connection.
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or(("", ""));
        let (answer, goes_on) = folder.lock().unwrap().answer(tag, command);
        if stream.write_all(&answer).await.is_err() || !goes_on {
            return;
        }
    }
}

impl Folder {
    fn fault(&mut self, command: &str) -> Option<Fault> {
        let asked = self.asked(command);
        let failing = self.failing.iter_mut().find(|one| {
            one.times > 0 && command.contains(one.word) && one.uid.is_none_or(|uid| asked.contains(&uid))
        })?;
        failing.times -= 1;
        Some(failing.fault)
    }

    fn answer(&mut self, tag: &str, command: &str) -> (Vec<u8>, bool) {
        self.commands.push(command.to_owned());
        let ended = |word: &str| (format!("{tag} {word} done\r\n").into_bytes(), true);
        match self.fault(command) {
            Some(Fault::No) => ended("NO"),
            Some(Fault::Bad) => ended("BAD"),
            Some(Fault::Bye) => (b"* BYE going down\r\n".to_vec(), false),
            Some(Fault::Cut) => (Vec::new(), false),
            Some(Fault::Silence) => (Vec::new(), true),
            Some(Fault::Garbage) => (b"* 1 FETCH (UID what\r\n".to_vec(), true),
            Some(Fault::Nothing) => ended("OK"),
            Some(Fault::Nil) => {
                let nil = |uid: &u32| format!("* {uid} FETCH (UID {uid} BODY[] NIL)\r\n");
                let done = format!("{tag} OK done\r\n");
                let lines: String = self.asked(command).iter().map(nil).chain([done]).collect();
                (lines.into_bytes(), true)
            }
            None if self.utf8 == Utf8::Demanded && command.starts_with("SELECT") && !self.is_utf8_enabled => {
                ended("NO")
            }
            None => {
                let mut answer = self.right(command);
                answer.extend(format!("{tag} OK done\r\n").bytes());
                (answer, command != "LOGOUT")
            }
        }
    }

    /// The mails that a command is about, as far as they are there.
    fn asked(&self, command: &str) -> Vec<u32> {
        let words: Vec<&str> = command.split(' ').collect();
        let set = match words.as_slice() {
            ["UID", "SEARCH", "UID", set, ..] | ["UID", _, set, ..] => *set,
            _ => return Vec::new(),
        };
        let asked = |uid: &u32| {
            set.split(',').any(|part| match part.split_once(':') {
                Some((from, _)) => *uid >= from.parse().unwrap(),
                None => part == "*" || part.parse() == Ok(*uid),
            })
        };
        self.mails.keys().copied().filter(asked).collect()
    }

    fn right(&mut self, command: &str) -> Vec<u8> {
        let next = self.mails.keys().last().map_or(1, |last| last + 1);
        let uids = self.asked(command);
        match command.split(' ').collect::<Vec<_>>().as_slice() {
            ["CAPABILITY"] => {
                let further = match self.utf8 {
                    Utf8::Never => "",
                    Utf8::Offered => " ENABLE UTF8=ACCEPT",
                    Utf8::Demanded => " ENABLE UTF8=ONLY",
                };
                format!("* CAPABILITY IMAP4rev1 MOVE UIDPLUS{further}\r\n").into_bytes()
            }
            ["LOGIN", ..] => {
                self.is_utf8_enabled = false;
                Vec::new()
            }
            ["ENABLE", "UTF8=ACCEPT"] => {
                self.is_utf8_enabled = true;
                b"* ENABLED UTF8=ACCEPT\r\n".to_vec()
            }
            ["SELECT", ..] => {
                let next =
                    if self.without_next { String::new() } else { format!("* OK [UIDNEXT {next}] x\r\n") };
                let exists = self.mails.len();
                format!("* {exists} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n{next}").into_bytes()
            }
            ["UID", "SEARCH", ..] => {
                let found: Vec<String> = uids.iter().map(ToString::to_string).collect();
                format!("* SEARCH {}\r\n", found.join(" ")).into_bytes()
            }
            ["UID", "FETCH", ..] => uids.iter().flat_map(|uid| self.fetched(*uid, command)).collect(),
            ["UID", "STORE", ..] => {
                self.seen.extend(uids);
                Vec::new()
            }
            ["UID", "MOVE", ..] => {
                self.mails.retain(|uid, _| !uids.contains(uid));
                self.moved.extend(uids);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn fetched(&self, uid: u32, command: &str) -> Vec<u8> {
        let raw = &self.mails[&uid];
        let bytes = raw.len();
        if command.contains("RFC822.SIZE") {
            let year = if self.old.contains(&uid) { 2020 } else { 2026 };
            return format!(
                "* {uid} FETCH (UID {uid} RFC822.SIZE {bytes} INTERNALDATE \" 3-Feb-{year} 09:00:00 +0900\")\r\n"
            )
            .into_bytes();
        }
        let mut answer = format!("* {uid} FETCH (UID {uid} BODY[] {{{bytes}}}\r\n").into_bytes();
        answer.extend(raw);
        answer.extend(b")\r\n");
        answer
    }
}
