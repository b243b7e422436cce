//! What is found when a package is changed.

use std::io::{Cursor, Write};

use habeas_domain::{Language, Right};
use habeas_package::VerifyError;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::common::{TestKey, info, parts, unpack, verify, withheld, write};

fn package() -> Vec<u8> {
    write(info(Right::Access, Language::Ja), parts(), &withheld()).1
}

/// Packs the files anew, as the same kind of stream.
fn repack(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut zip = ZipWriter::new_stream(Vec::new());
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_whole_package_is_good() {
    let (summary, package) = write(info(Right::Access, Language::Ja), parts(), &withheld());
    let verified = verify(&package).unwrap();
    assert_eq!(verified.key_id, "test-7");
    assert_eq!(verified.content.rows, 1238);
    assert_eq!(verified.content.files, summary.files[..summary.files.len() - 1]);
    assert_eq!(summary.files.last().unwrap().path, "manifest.json");
    assert_eq!(summary.bytes, package.len() as u64);
    verify(&repack(unpack(&package))).expect("what matters are the files, not how they are packed");
}

#[test]
fn any_changed_file_is_found() {
    let files = unpack(&package());
    for (path, bytes) in &files {
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = files.clone();
            changed.get_mut(path).unwrap()[at] ^= 1;
            let error = verify(&repack(changed)).unwrap_err();
            match error {
                VerifyError::Changed { path: found } => assert_eq!(&found, path),
                other => assert_eq!(path, "manifest.json", "{other}"),
            }
        }
    }
}

#[test]
fn any_changed_byte_of_the_manifest_is_found() {
    let files = unpack(&write(info(Right::Access, Language::En), Vec::new(), &withheld()).1);
    for at in 0..files["manifest.json"].len() {
        let mut changed = files.clone();
        changed.get_mut("manifest.json").unwrap()[at] ^= 1;
        assert!(verify(&repack(changed)).is_err(), "byte {at}");
    }
}

#[test]
fn added_and_removed_files_are_found() {
    let files = unpack(&package());
    let mut more = files.clone();
    more.insert("data/shop/customer.exe".to_owned(), b"MZ".to_vec());
    assert!(
        matches!(verify(&repack(more)), Err(VerifyError::Extra { path }) if path == "data/shop/customer.exe")
    );
    for path in files.keys() {
        let mut fewer = files.clone();
        fewer.remove(path);
        match verify(&repack(fewer)).unwrap_err() {
            VerifyError::Missing { path: found } => assert_eq!(&found, path),
            other => assert!(matches!(other, VerifyError::NoManifest) && path == "manifest.json", "{other}"),
        }
    }
}

#[test]
fn a_manifest_signed_by_somebody_else_is_refused() {
    let error = habeas_package::verify(Cursor::new(package()), &TestKey::new(8)).unwrap_err();
    assert!(matches!(error, VerifyError::Signature(_)), "{error}");
}

#[test]
fn a_flipped_bit_anywhere_is_found_or_changes_nothing() {
    let package = write(info(Right::Access, Language::En), parts().drain(..1).collect(), &[]).1;
    let (good, files) = (verify(&package).unwrap(), unpack(&package));
    let mut unnoticed = 0;
    for at in (0..package.len()).step_by(3) {
        let mut flipped = package.clone();
        flipped[at] ^= 0x10;
        if let Ok(verified) = verify(&flipped) {
            assert_eq!(verified, good, "byte {at}");
            assert_eq!(unpack(&flipped), files, "byte {at}");
            unnoticed += 1;
        }
    }
    assert!(unnoticed * 50 < package.len(), "only fields that no reader heeds, not {unnoticed}");
}

#[test]
fn cut_and_lengthened_packages_are_refused() {
    let package = package();
    for length in (0..package.len()).step_by(97) {
        assert!(verify(&package[..length]).is_err(), "{length} bytes");
    }
    assert!(verify(&[&package[..], b"x"].concat()).is_err());
    assert!(verify(&[b"x", &package[..]].concat()).is_err());
}

#[test]
fn files_that_the_directory_does_not_show_are_refused() {
    // A tool that reads from the front would unpack this entry; one that reads the directory would not show it.
    let mut zip = ZipWriter::new_stream(Vec::new());
    for (name, bytes) in unpack(&package()) {
        zip.start_file(format!("{name}.html"), SimpleFileOptions::default()).unwrap();
        zip.hide_file(&format!("{name}.html")).unwrap();
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    let error = verify(&zip.finish().unwrap().into_inner()).unwrap_err();
    assert!(matches!(error, VerifyError::Damaged(_)), "{error}");
}

#[test]
fn bytes_that_belong_to_no_file_are_refused() {
    let mut package = package();
    let directory = package.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let hidden = b"hidden";
    package.splice(directory..directory, hidden.iter().copied());
    // The end record says where the directory begins.
    let (at, moved) = (package.len() - 6, u32::try_from(directory + hidden.len()).unwrap());
    package[at..at + 4].copy_from_slice(&moved.to_le_bytes());
    let error = verify(&package).unwrap_err();
    assert!(matches!(error, VerifyError::Layout { what: "there is something after its files" }), "{error}");
}
