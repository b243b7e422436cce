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

#[tokio::test]
async fn whole_files_are_taken_once_and_put_aside() {
    let bed = Bed::new().await;
    let folder = tempfile::tempdir().unwrap();
    let options = FolderOptions {
        name: "folder".to_owned(),
        folder: folder.path().to_owned(),
        poll: Duration::from_millis(20),
        max_bytes: 1_000,
    };
    let reader = FolderReader::open(options, bed.ledger.clone(), Bell::default()).unwrap();
    write(folder.path(), "a.eml", &mail("a"));
    write(folder.path(), "half.eml.tmp", b"From: han");
    write(folder.path(), "large.eml", &[b'x'; 2_000]);
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.eml")).unwrap();
    reader.round().await.unwrap();
    reader.round().await.unwrap();
    let mails = bed.mails().await;
    assert_eq!(mails.len(), 2);
    assert!(folder.path().join("taken/a.eml").is_file());
    assert!(folder.path().join("too-large/large.eml").is_file());
    assert_eq!(mails.iter().filter(|mail| mail.state == ReceivedMailState::Parked).count(), 1);
    // As a crash between storing and moving leaves it.
    std::fs::rename(folder.path().join("taken/a.eml"), folder.path().join("a.eml")).unwrap();
    reader.round().await.unwrap();
    assert_eq!(bed.mails().await.len(), 2);
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
