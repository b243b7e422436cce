//! How rows are read, and what is refused.

use habeas_domain::{Language, Retry, Right, Value, schema::FieldType};
use habeas_package::{BoxError, CollectionInfo, PackageError, PackageInfo, PackageWriter, RowSource, Rows};

use super::common::{Table, TestKey, collection, field, info, text, unpack, unpacked_text, verify};

fn notes() -> CollectionInfo {
    collection(
        "shop",
        "Shop",
        "note",
        ("Notes", "メモ"),
        vec![field("id", None, None, FieldType::Int), field("text", None, None, FieldType::Text)],
    )
}

fn heading() -> PackageInfo {
    info(Right::Access, Language::En)
}

/// Says how often it was opened, and can lose rows.
struct Counting {
    opened: u32,
    rows: i64,
    lost_when_read_again: i64,
}

impl RowSource for Counting {
    fn size(&self) -> Option<u64> {
        None
    }

    fn open(&mut self) -> Result<Rows<'_>, BoxError> {
        self.opened += 1;
        let rows = if self.opened == 1 { self.rows } else { self.rows - self.lost_when_read_again };
        Ok(Box::new(
            (0..rows).map(|id| Ok(vec![Value::Int(id), text(&format!("-note {id}, with some length"))])),
        ))
    }
}

fn counting(rows: i64) -> Counting {
    Counting { opened: 0, rows, lost_when_read_again: 0 }
}

#[test]
fn few_rows_are_read_once_and_many_twice_with_the_same_result() {
    let mut writer = PackageWriter::new(Vec::new(), heading()).unwrap();
    let (mut few, mut many) = (counting(100), counting(20_000));
    assert_eq!(writer.collection(notes(), &mut few).unwrap(), 100);
    assert_eq!(writer.collection(notes(), &mut many).unwrap(), 20_000);
    assert_eq!((few.opened, many.opened), (1, 2));
    let (summary, package) = writer.finish(&TestKey::new(7)).unwrap();
    assert_eq!(summary.rows, 20_100);
    let small = unpacked_text(&package, "data/shop/note.csv");
    let large = unpacked_text(&package, "data/shop/note-2.csv");
    assert_eq!(small.lines().count(), 101);
    assert_eq!(large.lines().count(), 20_001);
    assert!(large.starts_with(&small), "both ways write the same");
    assert!(large.contains("\r\n7,\"'-note 7, with some length\"\r\n"));
}

#[test]
fn only_files_that_may_pass_4_gib_have_the_fields_of_zip64() {
    // Its header id 0x0001 and length 16, right after the first entry's name.
    let zip64 = |package: &[u8]| package[30 + "data/shop/note.json".len()..].starts_with(&[1, 0, 16, 0]);
    for (source, wanted) in [(&mut Table(Vec::new()) as &mut dyn RowSource, false), (&mut counting(1), true)]
    {
        let mut writer = PackageWriter::new(Vec::new(), heading()).unwrap();
        writer.collection(notes(), source).unwrap();
        let (_, package) = writer.finish(&TestKey::new(7)).unwrap();
        assert_eq!(zip64(&package), wanted);
        verify(&package).unwrap();
    }
}

#[test]
fn rows_can_come_from_a_closure() {
    let mut writer = PackageWriter::new(Vec::new(), heading()).unwrap();
    let mut source = || Ok((0..3).map(|id| Ok(vec![Value::Int(id), Value::Null])));
    assert_eq!(writer.collection(notes(), &mut source).unwrap(), 3);
}

#[test]
fn a_source_that_changes_is_refused() {
    let mut writer = PackageWriter::new(Vec::new(), heading()).unwrap();
    let mut source = Counting { lost_when_read_again: 1, ..counting(20_000) };
    let error = writer.collection(notes(), &mut source).unwrap_err();
    assert!(matches!(error, PackageError::RowsChanged { first: 20_000, second: 19_999, .. }), "{error}");
    assert_eq!(error.retry(), Retry::Later);
}

#[test]
fn a_row_of_the_wrong_length_is_refused() {
    let mut writer = PackageWriter::new(Vec::new(), heading()).unwrap();
    let mut source = Table(vec![vec![Value::Int(1), text("secret")], vec![Value::Int(2)]]);
    let error = writer.collection(notes(), &mut source).unwrap_err();
    assert_eq!(error.to_string(), "row 2 of shop/note has 1 values where its fields are 2");
    assert_eq!(error.retry(), Retry::Never);
}

#[test]
fn a_field_named_twice_is_refused() {
    let mut twice = notes();
    twice.fields.push(twice.fields[0].clone());
    let mut writer = PackageWriter::new(Vec::new(), heading()).unwrap();
    let error = writer.collection(twice, &mut Table(Vec::new())).unwrap_err();
    assert_eq!(error.to_string(), "shop/note has the field id twice; name each field once");
}

#[test]
fn after_a_failure_the_package_cannot_be_finished() {
    let mut writer = PackageWriter::new(Vec::new(), heading()).unwrap();
    let mut failing =
        || Ok([Ok(vec![Value::Int(1), Value::Null]), Err(BoxError::from("spool is cut"))].into_iter());
    let error = writer.collection(notes(), &mut failing).unwrap_err();
    assert_eq!(error.to_string(), "the rows of shop/note could not be read");
    assert!(matches!(writer.collection(notes(), &mut counting(1)), Err(PackageError::Broken)));
    assert!(matches!(writer.finish(&TestKey::new(7)), Err(PackageError::Broken)));
}

#[test]
fn a_schema_tells_the_truth_about_values_of_another_type() {
    let mut writer = PackageWriter::new(Vec::new(), heading()).unwrap();
    let mut source = Table(vec![vec![text("not a number"), Value::Null]]);
    writer.collection(notes(), &mut source).unwrap();
    let (_, package) = writer.finish(&TestKey::new(7)).unwrap();
    let schema: serde_json::Value =
        serde_json::from_slice(&unpack(&package)["schema/shop/note.schema.json"]).unwrap();
    let id = &schema["items"]["properties"]["id"];
    assert_eq!(id["type"], serde_json::json!(["integer", "string", "null"]));
}
