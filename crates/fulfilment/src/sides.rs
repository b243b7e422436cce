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
