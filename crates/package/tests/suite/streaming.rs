//! Memory stays flat: what is read is soon written, and nothing piles up in between.

use std::{
    cell::Cell,
    io::{self, Write},
    rc::Rc,
};

use habeas_domain::{Language, Right, Value, schema::FieldType};
use habeas_package::{BoxError, PackageWriter, RowSource, Rows};

use super::common::{TestKey, collection, field, info};

const ROWS: u64 = 100_000;
const ROW_BYTES: u64 = 64;

/// Counts what is written and keeps nothing.
struct CountingSink(Rc<Cell<u64>>);

impl Write for CountingSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Rows that do not compress below half their length, made as they are asked for. Remembers by how much the
/// sink was ever behind.
struct Noise {
    written: Rc<Cell<u64>>,
    furthest_behind: Rc<Cell<u64>>,
}

impl RowSource for Noise {
    fn size(&self) -> Option<u64> {
        None
    }

    fn open(&mut self) -> Result<Rows<'_>, BoxError> {
        let (begun, mut state) = (self.written.get(), 0x9e37_79b9_7f4a_7c15_u64);
        Ok(Box::new((0..ROWS).map(move |row| {
            let least = row * ROW_BYTES / 2;
            let behind = least.saturating_sub(self.written.get() - begun);
            self.furthest_behind.set(self.furthest_behind.get().max(behind));
            Ok(vec![Value::Text(noise(&mut state))])
        })))
    }
}

fn noise(state: &mut u64) -> String {
    let mut text = String::new();
    while (text.len() as u64) < ROW_BYTES {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        text.push_str(&hex::encode(state.to_be_bytes()));
    }
    text
}

#[test]
fn a_person_with_a_hundred_thousand_rows_is_written_as_they_are_read() {
    let written = Rc::new(Cell::new(0));
    let furthest_behind = Rc::new(Cell::new(0));
    let mut source = Noise { written: written.clone(), furthest_behind: furthest_behind.clone() };
    let part = collection(
        "log",
        "Log",
        "entry",
        ("Entries", "記録"),
        vec![field("text", None, None, FieldType::Text)],
    );
    let mut writer =
        PackageWriter::new(CountingSink(written.clone()), info(Right::Access, Language::En)).unwrap();
    assert_eq!(writer.collection(part, &mut source).unwrap(), ROWS);
    let (summary, _) = writer.finish(&TestKey::new(7)).unwrap();
    assert_eq!(summary.bytes, written.get());
    assert!(written.get() > ROWS * ROW_BYTES, "each row is there as JSON and as CSV: {}", written.get());
    assert!(furthest_behind.get() < 256 * 1024, "{} bytes were held back", furthest_behind.get());
}
