//! Rows that are about more than one person, such as who called and who was called: whether what a manifest says of each
//! side can be carried out without touching the other.

use habeas_domain::SideName;

use crate::{Collection, Field, read::Report};

impl Collection {
    /// The sides of a row, in the manifest's order; none where a row is about one person.
    pub fn sides(&self) -> Vec<&SideName> {
        let mut sides = Vec::new();
        for side in self.fields.iter().filter_map(|field| field.side.as_ref()) {
            if !sides.contains(&side) {
                sides.push(side);
            }
        }
        sides
    }

    /// Whether a row is about more than one person.
    pub fn has_sides(&self) -> bool {
        self.fields.iter().any(|field| field.side.is_some())
    }
}

/// Reports what would reach from one side of a row to another.
pub(crate) fn check(collection: &Collection, path: &str, report: &mut Report<'_>) {
    let sides = collection.sides();
    if let [alone] = sides.as_slice() {
        let message =
            format!("only the side \"{alone}\" is named, so nothing says whose the rest of a row is");
        let fix =
            "write a side on the fields of the other person, too; or drop it where a row is about one person";
        report.problem_at(path, message, fix);
    }
    for side in sides {
        let finds = |field: &Field| field.side.as_ref() == Some(side);
        if !collection.key_fields().any(finds) {
            let message =
                format!("no field of the side \"{side}\" holds a key, so nobody is found on that side");
            let fix = format!(
                "give the field that says who it is a key, such as key = \"phone\", side = \"{side}\""
            );
            report.problem_at(path, message, fix);
        }
    }
    if !collection.has_sides() {
        return;
    }
    if collection.deletes_rows {
        let fix = "give each side's fields an effect of their own, such as delete = \"null\", and drop the collection's delete";
        report.problem_at(
            path,
            "its rows are other people's as well, so they cannot go with one of them",
            fix,
        );
    }
    for field in &collection.fields {
        of_everybody(field, &format!("{path}.fields.{}", field.name), report);
    }
}

/// What belongs to all sides alike cannot be one person's to find rows by, to change, or to be reached at.
fn of_everybody(field: &Field, path: &str, report: &mut Report<'_>) {
    if field.side.is_some() {
        if field.internal {
            report.problem_at(path, "internal, and yet of a side", "drop internal, or drop side");
        }
        return;
    }
    let mut wrong = |wrong: bool, message: &str, fix: &str| {
        if wrong {
            report.problem_at(path, message, fix);
        }
    };
    wrong(
        field.key.is_some(),
        "a key of which nothing says whose of the row's people it is",
        "write the side of the person whom it leads to, such as side = \"caller\"",
    );
    wrong(
        field.delete.is_some(),
        "it is about every side of the row, so one person's deletion cannot change it",
        "write the side whose it is, or remains = \"why it stays\"",
    );
    wrong(
        field.correct.is_some(),
        "it is about every side of the row, so one person's correction cannot change it",
        "write the side whose it is, or drop correct",
    );
    wrong(
        field.is_own_contact() || field.guardian || field.ask.is_some(),
        "it is about every side of the row, so it proves and reaches nobody",
        "write the side whose it is, or drop own_contact, guardian and ask",
    );
}
