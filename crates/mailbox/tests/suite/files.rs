//! A folder of files as a mailbox, and mails that are handed over once.

use std::{io::Cursor, time::Duration};

use habeas_domain::received_mail::ReceivedMailState;
use habeas_ledger::MailContent;
use habeas_mailbox::source::{
    Bell,
    folder::{FolderOptions, FolderReader},
    import::{Import, ImportedMail},
};

use crate::bed::{Bed, mail, write};

fn options(folder: &std::path::Path) -> FolderOptions {
    FolderOptions {
        name: "folder".to_owned(),
        folder: folder.to_owned(),
        poll: Duration::from_millis(20),
        max_bytes: 1_000,
        keep: false,
    }
}

#[tokio::test]
async fn whole_files_are_taken_once_and_do_not_stay() {
    let bed = Bed::new().await;
    let folder = tempfile::tempdir().unwrap();
    let reader = FolderReader::open(options(folder.path()), bed.ledger.clone(), Bell::default()).unwrap();
    write(folder.path(), "a.eml", &mail("a"));
    write(folder.path(), "half.eml.tmp", b"From: han");
    let large = [mail("large"), vec![b'x'; 2_000]].concat();
    write(folder.path(), "large.eml", &large);
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.eml")).unwrap();
    reader.round().await.unwrap();
    reader.round().await.unwrap();
    let mails = bed.mails().await;
    assert_eq!(mails.len(), 2);
    assert!(!folder.path().join("a.eml").exists(), "no plain text is kept beside what is sealed");
    assert!(!folder.path().join("taken").exists());
    assert!(folder.path().join("too-large/large.eml").is_file());
    let parked = mails.iter().find(|mail| mail.state == ReceivedMailState::Parked).unwrap();
    assert_eq!((parked.folder.as_deref(), parked.uid), (Some("too-large"), None));
    assert!(parked.reason.as_ref().unwrap().contains("moved to the folder `too-large`"));
    let header = bed.ledger.read_mail(parked.id).await.unwrap().header.unwrap().into_inner();
    assert!(header.ends_with("Subject: large\r\n"), "{header}");
    // As a crash between storing and putting away leaves them.
    write(folder.path(), "a.eml", &mail("a"));
    std::fs::rename(folder.path().join("too-large/large.eml"), folder.path().join("large.eml")).unwrap();
    reader.round().await.unwrap();
    assert_eq!(bed.mails().await.len(), 2);
}

#[tokio::test]
async fn files_are_kept_only_if_that_is_wanted() {
    let bed = Bed::new().await;
    let folder = tempfile::tempdir().unwrap();
    let keeping = FolderOptions { keep: true, ..options(folder.path()) };
    let reader = FolderReader::open(keeping, bed.ledger.clone(), Bell::default()).unwrap();
    for subject in ["a", "b"] {
        write(folder.path(), "same.eml", &mail(subject));
        reader.round().await.unwrap();
    }
    assert_eq!(bed.mails().await.len(), 2);
    assert_eq!(std::fs::read(folder.path().join("taken/same.eml")).unwrap(), mail("a"));
    assert_eq!(std::fs::read(folder.path().join("taken/2-same.eml")).unwrap(), mail("b"));
}

#[tokio::test]
async fn a_folder_that_is_read_is_known_to_have_been_read() {
    let bed = Bed::new().await;
    let folder = tempfile::tempdir().unwrap();
    let reader = FolderReader::open(options(folder.path()), bed.ledger.clone(), Bell::default()).unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(reader.run(stop.clone()));
    let read = || async { bed.opened_and_read().await.1 };
    habeas_test_support::wait::until("the first look", crate::bed::LIMIT, read).await.unwrap();
    stop.cancel();
    running.await.unwrap();
}

fn texts(import: Import) -> Vec<String> {
    let text = |mail: ImportedMail| match mail.content {
        MailContent::Whole(raw) => String::from_utf8_lossy(raw.expose()).into_owned(),
        MailContent::LeftThere { bytes, .. } => format!("too large: {bytes}"),
    };
    import.map(|mail| text(mail.unwrap())).collect()
}

#[test]
fn a_file_a_pipe_a_folder_a_maildir_and_an_mbox_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, "a.eml", b"Subject: a\n\nx");
    write(path, "b.txt", b"no mail");
    assert_eq!(texts(Import::from_path(path, 99).unwrap()), ["Subject: a\n\nx"]);
    assert_eq!(texts(Import::from_path(&path.join("a.eml"), 99).unwrap()), ["Subject: a\n\nx"]);
    assert_eq!(texts(Import::from_path(&path.join("a.eml"), 5).unwrap()), ["too large: 13"]);
    for (import, there) in [
        (Import::from_path(&path.join("a.eml"), 11).unwrap(), "left where it is"),
        (Import::from_reader(Cursor::new(b"Subject: a\n\nx".to_vec()), 11), "refused"),
    ] {
        for mail in import {
            let MailContent::LeftThere { reason, header, bytes } = mail.unwrap().content else {
                panic!("taken")
            };
            assert!(reason.contains(there), "{reason}");
            assert_eq!((header.unwrap().into_inner(), bytes), (b"Subject: a\n".to_vec(), 13));
        }
    }
    assert_eq!(texts(Import::from_reader(Cursor::new(b"Subject: p\n\n".to_vec()), 99)), ["Subject: p\n\n"]);
    assert_eq!(texts(Import::from_reader(Cursor::new(Vec::new()), 99)), [""]);
    let mbox = "From a@example.jp Mon Mar  3 09:00:00 2025\nSubject: 1\n\nx\n\n\
                From b@example.jp Mon Mar  3 09:00:00 2025\nSubject: 2\n\ny\n";
    write(path, "box", mbox.as_bytes());
    let import = Import::from_path(&path.join("box"), 99).unwrap();
    assert_eq!(import.total(), Some(mbox.len() as u64));
    assert_eq!(texts(import), ["Subject: 1\n\nx\n\n", "Subject: 2\n\ny\n"]);
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir(path.join(part)).unwrap();
    }
    write(&path.join("cur"), "1:2,S", b"Subject: cur\n\n");
    write(&path.join("new"), "2", b"Subject: new\n\n");
    write(&path.join("tmp"), "3", b"half");
    assert_eq!(texts(Import::from_path(path, 99).unwrap()), ["Subject: cur\n\n", "Subject: new\n\n"]);
    assert!(Import::from_path(&path.join("missing"), 99).is_err());
}
