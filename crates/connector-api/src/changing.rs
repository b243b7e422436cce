//! How a connector decides, row by row, what a step does.

use std::collections::HashMap;

use habeas_domain::{
    CollectionName, Effect, FieldName, Value,
    schema::{CollectionSchema, FieldSchema},
};

use crate::{
    Action, Attribution, ChangeSet, EffectSalt, Owner, Replacement, RowCondition, Step, StepReport,
    StoreError, code,
    reading::place,
    rewriting::{RowContext, apply_effect, apply_replacement, same},
};

/// What happens to one found row.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// It is left as it is.
    Leave,
    /// It is deleted.
    Delete,
    /// Its fields become these, in the order of [`Changing::rewritten`]; nothing means the field stays as it is.
    Rewrite(Vec<Option<Value>>),
}

/// The changing side of a connector: which fields to fetch and lock, and what to do with each fetched row.
#[derive(Debug)]
pub struct Changing<'a> {
    salt: &'a EffectSalt,
    step: &'a Step,
    attribution: Attribution<'a>,
    fields: Vec<&'a FieldName>,
    identified: usize,
    keys: Vec<usize>,
    condition: Option<(&'a RowCondition, usize)>,
    rewritten: Vec<Written<'a>>,
    does: Does<'a>,
    report: StepReport,
}

/// A field that is rewritten, and where it stands among the fetched ones.
#[derive(Debug, Clone, Copy)]
struct Written<'a> {
    field: &'a FieldSchema,
    at: usize,
}

/// What is done to a row.
#[derive(Debug)]
enum Does<'a> {
    Delete,
    /// One effect for each rewritten field.
    Rewrite(Vec<&'a Effect>),
    /// For each owner what is replaced, with the number of the rewritten field.
    Replace(HashMap<Owner, Vec<(usize, &'a Replacement)>>),
}

/// What becomes of a row, and for which of its owners.
type Decided = (Decision, Vec<Owner>);

impl<'a> Changing<'a> {
    /// For one step on a collection of that schema.
    pub fn new(
        change: &'a ChangeSet,
        step: &'a Step,
        schema: &'a CollectionSchema,
    ) -> Result<Self, StoreError> {
        let mut fields: Vec<&FieldName> = schema.identity.iter().collect();
        let identified = fields.len();
        let told = step.matches.iter().chain(&step.except);
        let keys = told.map(|one| place(&mut fields, &one.field)).collect();
        let condition = step.only.as_ref().map(|only| (only, place(&mut fields, only.field())));
        let mut rewritten = Vec::new();
        for name in written(&step.action) {
            let field = schema.field(name).ok_or_else(|| unknown_field(schema, name))?;
            rewritten.push(Written { field, at: place(&mut fields, name) });
        }
        if let Some(missing) = fields.iter().find(|name| schema.field(name).is_none()) {
            return Err(unknown_field(schema, missing));
        }
        let attribution = Attribution::new(&step.matches).except(&step.except);
        let report = StepReport::new(step.collection.clone());
        let salt = &change.salt;
        let does = Does::of(&step.action, &rewritten);
        Ok(Self { salt, step, attribution, fields, identified, keys, condition, rewritten, does, report })
    }

    /// The fields to fetch: first the identity, in the order of [`CollectionSchema::identity`].
    pub fn fields(&self) -> &[&'a FieldName] {
        &self.fields
    }

    /// How many of the fields to fetch are the identity.
    pub const fn identified(&self) -> usize {
        self.identified
    }

    /// The fields that the step rewrites.
    pub fn rewritten(&self) -> impl ExactSizeIterator<Item = &'a FieldSchema> {
        self.rewritten.iter().map(|written| written.field)
    }

    /// Decides and counts. `identity` identifies the row in its collection; `values` are in the order of [`Self::fields`].
    pub fn decide(&mut self, identity: &[Value], values: &[Value]) -> Result<Decision, StoreError> {
        let owners = self.attribution.owners_of(self.keys.iter().filter_map(|at| values.get(*at)));
        if owners.is_empty() {
            return Ok(Decision::Leave);
        }
        let admits =
            |(only, at): (&RowCondition, usize)| values.get(at).is_some_and(|value| only.admits(value));
        let admitted = self.condition.is_none_or(admits);
        let (decision, changed_for) = if admitted {
            self.decided(owners.clone(), identity, values)?
        } else {
            (Decision::Leave, Vec::new())
        };
        self.report.add(&owners, admitted, &changed_for);
        Ok(decision)
    }

    /// Whether a row is one of these at all, for a store that looks at every row it has.
    pub(crate) fn finds(&mut self, values: &[Value]) -> bool {
        !self.attribution.look_up(self.keys.iter().filter_map(|at| values.get(*at))).is_empty()
    }

    /// What was done.
    pub fn report(mut self) -> StepReport {
        self.report.unowned = self.attribution.unowned();
        self.report
    }

    fn decided(
        &self,
        owners: Vec<Owner>,
        identity: &[Value],
        values: &[Value],
    ) -> Result<Decided, StoreError> {
        let (new, changed_for) = match &self.does {
            Does::Delete => return Ok((Decision::Delete, owners)),
            Does::Rewrite(effects) => (self.affected(effects, identity, values)?, owners),
            Does::Replace(wanted) => self.replaced(wanted, &owners, values)?,
        };
        let changes = new.iter().any(Option::is_some);
        Ok(if changes { (Decision::Rewrite(new), changed_for) } else { (Decision::Leave, Vec::new()) })
    }

    fn affected(
        &self,
        effects: &[&Effect],
        identity: &[Value],
        values: &[Value],
    ) -> Result<Vec<Option<Value>>, StoreError> {
        let row = RowContext { salt: self.salt, collection: &self.step.collection, identity };
        let mut all = Vec::with_capacity(effects.len());
        for (effect, Written { field, at }) in effects.iter().zip(&self.rewritten) {
            let old = values.get(*at).unwrap_or(&Value::Null);
            let new = apply_effect(effect, row, old, field)?;
            all.push((!same(old, &new)).then_some(new));
        }
        Ok(all)
    }

    /// The new values, and whose replacements made them. Owners who share a row have theirs one after the other.
    fn replaced(
        &self,
        wanted: &HashMap<Owner, Vec<(usize, &Replacement)>>,
        owners: &[Owner],
        values: &[Value],
    ) -> Result<(Vec<Option<Value>>, Vec<Owner>), StoreError> {
        let mut all: Vec<Option<Value>> = vec![None; self.rewritten.len()];
        let mut changed_for = Vec::new();
        for owner in owners {
            for (number, one) in wanted.get(owner).into_iter().flatten() {
                let (Some(slot), Some(Written { field, at })) =
                    (all.get_mut(*number), self.rewritten.get(*number))
                else {
                    continue;
                };
                let old = slot.as_ref().or_else(|| values.get(*at)).unwrap_or(&Value::Null);
                if let Some(new) = apply_replacement(one, old, field)? {
                    *slot = Some(new);
                    changed_for.push(*owner);
                }
            }
        }
        Ok((all, changed_for))
    }
}

impl<'a> Does<'a> {
    fn of(action: &'a Action, rewritten: &[Written<'_>]) -> Self {
        match action {
            Action::DeleteRows => Self::Delete,
            Action::Rewrite(effects) => Self::Rewrite(effects.iter().map(|(_, effect)| effect).collect()),
            Action::Replace(replacements) => {
                let mut by_owner: HashMap<Owner, Vec<_>> = HashMap::new();
                for one in replacements {
                    let number = rewritten.iter().position(|written| written.field.name == one.field);
                    by_owner.entry(one.owner).or_default().extend(number.map(|number| (number, one)));
                }
                Self::Replace(by_owner)
            }
        }
    }
}

/// The fields that an action writes, each once.
fn written(action: &Action) -> Vec<&FieldName> {
    match action {
        Action::DeleteRows => Vec::new(),
        Action::Rewrite(effects) => effects.iter().map(|(field, _)| field).collect(),
        Action::Replace(replacements) => {
            let mut fields: Vec<&FieldName> = Vec::new();
            for one in replacements {
                if !fields.contains(&&one.field) {
                    fields.push(&one.field);
                }
            }
            fields
        }
    }
}

/// There is no such collection.
pub fn unknown_collection(name: &CollectionName) -> StoreError {
    StoreError::permanent(
        code::UNKNOWN_COLLECTION,
        format!("there is no collection `{name}`; correct the manifest"),
    )
}

/// There is no such field.
pub fn unknown_field(schema: &CollectionSchema, name: &FieldName) -> StoreError {
    let detail = format!("collection `{}` has no field `{name}`; correct the manifest", schema.name);
    StoreError::permanent(code::UNKNOWN_FIELD, detail)
}
