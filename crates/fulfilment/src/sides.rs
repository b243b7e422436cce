//! Rows that are about more than one person: which side of a row is whose, and what of it each of them is shown.

use habeas_connector_api::{Attribution, FieldMatch, Owner};
use habeas_domain::{FieldName, SideName, Value};
use habeas_registry::{CopyField, Lookup};

use crate::{KeyBook, group};

/// Tells of each row which of its sides are whose.
pub(crate) struct Sides(Vec<Side>);

/// One side: whose it is by its own keys, unless what staff left to somebody else stands there.
struct Side {
    name: SideName,
    found: Told,
    left: Told,
}

/// What some fields of a row tell.
struct Told {
    attribution: Attribution<'static>,
    /// Where the fields stand among the values of a row.
    places: Vec<usize>,
}

/// What one person is shown of a row.
pub(crate) struct Shown {
    pub(crate) owner: Owner,
    /// What is somebody else's is empty.
    pub(crate) values: Vec<Value>,
    /// Which of these were not empty.
    pub(crate) withheld: Vec<usize>,
}

impl Sides {
    /// For rows that these lookups find; nothing where all of a row is its owners'. The fields that tell whose a side is are
    /// added to those that are read.
    pub(crate) fn of(
        lookups: &[Lookup],
        people: &[(Owner, &KeyBook)],
        read: &mut Vec<FieldName>,
    ) -> Option<Self> {
        let mut sides: Vec<(&SideName, Vec<Lookup>)> = Vec::new();
        for (side, lookup) in lookups.iter().filter_map(|lookup| Some((lookup.side.as_ref()?, lookup))) {
            match sides.iter_mut().find(|(name, _)| *name == side) {
                Some((_, lookups)) => lookups.push(lookup.clone()),
                None => sides.push((side, vec![lookup.clone()])),
            }
        }
        let side = |(name, lookups): (&SideName, Vec<Lookup>)| Side {
            name: name.clone(),
            found: Told::new(group::matches(&lookups, people), read),
            left: Told::new(group::except(&lookups, people), read),
        };
        let sides: Vec<Side> = sides.into_iter().map(side).collect();
        (!sides.is_empty()).then_some(Self(sides))
    }

    /// Each owner of a row with a side that is theirs.
    pub(crate) fn whose(&mut self, values: &[Value]) -> Vec<(Owner, &SideName)> {
        let mut whose = Vec::new();
        for side in &mut self.0 {
            let left = side.left.owners(values);
            let mut owners = side.found.owners(values);
            owners.retain(|owner| !left.contains(owner));
            let name = &side.name;
            whose.extend(owners.into_iter().map(|owner| (owner, name)));
        }
        whose
    }

    /// The row as each of its owners is shown it: what is about all of its people, and what is about themselves.
    pub(crate) fn shown(&mut self, values: &[Value], fields: &[CopyField]) -> Vec<Shown> {
        let whose = self.whose(values);
        let mut owners: Vec<Owner> = whose.iter().map(|(owner, _)| *owner).collect();
        owners.sort_unstable();
        owners.dedup();
        let is_seen = |owner: Owner, field: &CopyField| {
            field.side.as_ref().is_none_or(|side| whose.contains(&(owner, side)))
        };
        let show = |owner: Owner| {
            let mut shown = Shown { owner, values: Vec::with_capacity(fields.len()), withheld: Vec::new() };
            for (at, (field, value)) in fields.iter().zip(values).enumerate() {
                if is_seen(owner, field) {
                    shown.values.push(value.clone());
                    continue;
                }
                shown.values.push(Value::Null);
                shown.withheld.extend((!value.is_null()).then_some(at));
            }
            shown
        };
        owners.into_iter().map(show).collect()
    }
}

impl Told {
    fn new(matches: Vec<FieldMatch>, read: &mut Vec<FieldName>) -> Self {
        let mut place = |field: &FieldName| {
            read.iter().position(|known| known == field).unwrap_or_else(|| {
                read.push(field.clone());
                read.len() - 1
            })
        };
        let places = matches.iter().map(|one| place(&one.field)).collect();
        Self { attribution: Attribution::keeping(matches), places }
    }

    fn owners(&mut self, values: &[Value]) -> Vec<Owner> {
        self.attribution.look_up(self.places.iter().filter_map(|at| values.get(*at)))
    }
}

#[cfg(test)]
mod tests {
    use habeas_domain::{KeyName, KeyValue};
    use habeas_registry::{Compare, Manifest, Registry};

    use super::*;

    const CALLS: &str = r#"
[store]
name = "tel"
driver = "sqlite"
url = "sqlite:x"
product = "X"
[[collection]]
name = "calls"
fields.from = { side = "caller", key = "email", category = "user.email", delete = "null" }
fields.to   = { side = "callee", key = "email", category = "user.email", delete = "null" }
fields.said = { category = "user.content", remains = "both" }
"#;

    fn book(mail: &str) -> KeyBook {
        KeyBook::verified([(KeyName::new("email").unwrap(), KeyValue::new(mail).unwrap())])
    }

    fn row(from: &str, to: &str) -> Vec<Value> {
        [from, to, "hello"].map(|text| Value::Text(text.to_owned())).to_vec()
    }

    /// The sides of rows of two people, with the fields that a copy holds.
    fn sides(one: &KeyBook, other: &KeyBook) -> (Sides, Vec<CopyField>) {
        let manifest = Manifest::parse(std::path::Path::new("tel.toml"), CALLS).unwrap();
        let registry = Registry::from_manifests(vec![manifest]).unwrap();
        let copy = registry.access_plan(&"tel".parse().unwrap()).unwrap().collections.remove(0);
        assert!(copy.lookups.iter().all(|lookup| lookup.compare == Compare::Caseless));
        let mut read = copy.fields.iter().map(|field| field.field.clone()).collect();
        let sides = Sides::of(&copy.lookups, &[(0, one), (1, other)], &mut read).unwrap();
        assert_eq!(read.len(), 3, "the keys are among the fields already");
        (sides, copy.fields)
    }

    fn texts(shown: &[Shown]) -> Vec<(Owner, String, usize)> {
        let text = |one: &Shown| one.values.iter().map(Value::to_text).collect::<Vec<_>>().join("|");
        shown.iter().map(|one| (one.owner, text(one), one.withheld.len())).collect()
    }

    #[test]
    fn each_is_shown_their_own_side_and_what_is_of_both() {
        let (mut sides, fields) = sides(&book("a@example.com"), &book("b@example.com"));
        let shown = sides.shown(&row("A@example.com", "b@example.com"), &fields);
        let all = [(0, "A@example.com||hello".to_owned(), 1), (1, "|b@example.com|hello".to_owned(), 1)];
        assert_eq!(texts(&shown), all);
        let shown = sides.shown(&row("a@example.com", "a@example.com"), &fields);
        assert_eq!(texts(&shown), [(0, "a@example.com|a@example.com|hello".to_owned(), 0)]);
        let shown = sides.shown(&[Value::Null, row("", "b@example.com")[1].clone(), Value::Null], &fields);
        assert_eq!(
            texts(&shown),
            [(1, "|b@example.com|".to_owned(), 0)],
            "nothing is withheld where nothing is"
        );
        assert!(sides.shown(&row("x@example.com", "y@example.com"), &fields).is_empty());
    }

    /// What staff left to somebody else is not the person's on that side, and takes nothing of the other from them.
    #[test]
    fn what_was_left_to_others_is_told_side_by_side() {
        let email = KeyName::new("email").unwrap();
        let theirs = KeyValue::new("b@example.com").unwrap();
        let mut one = book("a@example.com");
        one.leave(&email, &theirs);
        let (mut sides, fields) = sides(&one, &book("c@example.com"));
        let shown = sides.shown(&row("a@example.com", "b@example.com"), &fields);
        assert_eq!(texts(&shown), [(0, "a@example.com||hello".to_owned(), 1)]);
    }
}
