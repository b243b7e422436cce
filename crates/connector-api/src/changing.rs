//! How a connector decides, row by row, what a step does.

use habeas_domain::{
    CollectionName, FieldName, Rewrite, Value,
    schema::{CollectionSchema, FieldSchema},
};

use crate::{
    Action, Attribution, ChangeSet, EffectSalt, RowCondition, Step, StepReport, StoreError, code,
    reading::place,
    rewriting::{RowContext, apply_rewrite},
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
    rewrites: Vec<(&'a Rewrite, &'a FieldSchema, usize)>,
    report: StepReport,
}

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
        let mut rewrites = Vec::new();
        if let Action::Rewrite(wanted) = &step.action {
            for (name, rewrite) in wanted {
                let field = schema.field(name).ok_or_else(|| unknown_field(schema, name))?;
                rewrites.push((rewrite, field, place(&mut fields, name)));
            }
        }
        if let Some(missing) = fields.iter().find(|name| schema.field(name).is_none()) {
            return Err(unknown_field(schema, missing));
        }
        let attribution = Attribution::new(&step.matches).except(&step.except);
        let report = StepReport::new(step.collection.clone());
        let salt = &change.salt;
        Ok(Self { salt, step, attribution, fields, identified, keys, condition, rewrites, report })
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
        self.rewrites.iter().map(|(_, field, _)| *field)
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
        let decision = if admitted { self.effect(identity, values)? } else { Decision::Leave };
        self.report.add(&owners, admitted, decision != Decision::Leave);
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

    fn effect(&self, identity: &[Value], values: &[Value]) -> Result<Decision, StoreError> {
        if matches!(self.step.action, Action::DeleteRows) {
            return Ok(Decision::Delete);
        }
        let row = RowContext { salt: self.salt, collection: &self.step.collection, identity };
        let mut rewritten = Vec::with_capacity(self.rewrites.len());
        for (rewrite, field, at) in &self.rewrites {
            let old = values.get(*at).unwrap_or(&Value::Null);
            rewritten.push(apply_rewrite(rewrite, row, old, field)?);
        }
        let changes = rewritten.iter().any(Option::is_some);
        Ok(if changes { Decision::Rewrite(rewritten) } else { Decision::Leave })
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
