//! Mails as files.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::common::{outgoing, posting};
use habeas_domain::{MailId, TypedId as _};
use habeas_notification::{FolderTransport, Transport as _, TransportError};

#[tokio::test]
async fn a_mail_becomes_one_file_however_often_it_is_sent() {
    let temp = tempfile::tempdir().unwrap();
    let folder = FolderTransport::open(temp.path().join("mails")).unwrap();
    let mut mail = outgoing(1, "hanako@example.jp");
    folder.send(&mail).await.unwrap();
    mail.date += chrono::TimeDelta::hours(1);
    folder.send(&mail).await.unwrap();

    let names: Vec<String> = fs::read_dir(folder.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["20261121T104819Z-verify-01a1fdb8-a538-7000-8000-000000000001.eml"]);
    assert_eq!(&fs::read(folder.file_of(&mail)).unwrap(), mail.raw.expose());
}

#[tokio::test]
async fn only_the_owner_can_read_a_mail() {
    let temp = tempfile::tempdir().unwrap();
    let folder = FolderTransport::open(temp.path().join("a").join("b")).unwrap();
    let mail = outgoing(1, "hanako@example.jp");
    folder.send(&mail).await.unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.folder()), 0o700);
    assert_eq!(mode(&folder.file_of(&mail)), 0o600);
}

#[tokio::test]
async fn many_writers_at_once_leave_whole_files_and_nothing_else() {
    let temp = tempfile::tempdir().unwrap();
    let folder = FolderTransport::open(temp.path()).unwrap();
    let sends = (0..40_u64).map(|number| {
        let folder = folder.clone();
        tokio::spawn(async move { folder.send(&outgoing(number % 10, "hanako@example.jp")).await })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap().unwrap();
    }
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 10);
    for number in 0..10 {
        let mail = outgoing(number, "hanako@example.jp");
        assert_eq!(&fs::read(folder.file_of(&mail)).unwrap(), mail.raw.expose());
    }
}

#[tokio::test]
async fn a_folder_that_went_away_is_a_temporary_fault() {
    let temp = tempfile::tempdir().unwrap();
    let folder = FolderTransport::open(temp.path().join("mails")).unwrap();
    fs::remove_dir(folder.folder()).unwrap();
    let error = folder.send(&outgoing(1, "hanako@example.jp")).await.unwrap_err();
    assert!(matches!(error, TransportError::Folder { .. }));
    assert_eq!(error.to_fault().code, "mail-folder-unwritable");
    assert_eq!(error.to_fault().retry, habeas_domain::Retry::Later);
}

#[test]
fn an_id_without_a_time_takes_the_mails_date() {
    let temp = tempfile::tempdir().unwrap();
    let folder = FolderTransport::open(temp.path()).unwrap();
    let mut mail = outgoing(1, "hanako@example.jp");
    mail.id = MailId::from_uuid(uuid::Uuid::nil());
    mail.date = posting(1, "").date;
    let name = folder.file_of(&mail).file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with("20261121T104820Z-verify-"), "{name}");
}
