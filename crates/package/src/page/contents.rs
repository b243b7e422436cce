//! What the templates are given.

use habeas_domain::{Bilingual, Language, Right, letter::Kept};
use serde::Serialize;

use super::{label, tongue};
use crate::{FieldInfo, PackageInfo, Withheld, collection::Collected, preview::Preview};

/// What every page can show.
#[derive(Serialize)]
pub(crate) struct Contents<'a> {
    /// The person's language.
    first: Language,
    /// The other one.
    second: Language,
    /// The end of the keys of words that differ by right: `access` or `portability`.
    right: Right,
    /// Whether to say what the data means, beside what it is.
    explained: bool,
    request: String,
    controller: &'a str,
    regime: &'a Bilingual,
    complaint: &'a Bilingual,
    notice_version: Option<&'a str>,
    made_at: Bilingual,
    undone: &'a [String],
    products: Vec<Product<'a>>,
    withheld: Vec<WithheldView<'a>>,
    kept: Vec<WithheldView<'a>>,
}

#[derive(Serialize)]
struct Product<'a> {
    title: &'a str,
    collections: Vec<CollectionView<'a>>,
}

#[derive(Serialize)]
struct CollectionView<'a> {
    /// Distinct in the page.
    anchor: String,
    title: &'a Bilingual,
    rows: u64,
    json: &'a str,
    csv: &'a str,
    schema: &'a str,
    fields: Vec<FieldView<'a>>,
    /// The labels of its fields' categories, each once.
    categories: Vec<&'a Bilingual>,
    preview: &'a Preview,
}

#[derive(Serialize)]
struct FieldView<'a> {
    title: Bilingual,
    name: &'a str,
}

#[derive(Serialize)]
struct WithheldView<'a> {
    what: &'a Bilingual,
    reason: &'a Bilingual,
    until: Option<Bilingual>,
    rows: u64,
}

impl<'a> Contents<'a> {
    pub(crate) fn new(info: &'a PackageInfo, collected: &'a [Collected], withheld: &'a [Withheld]) -> Self {
        let portable = info.right == Right::Portability;
        Self {
            first: info.language,
            second: other(info.language),
            right: if portable { Right::Portability } else { Right::Access },
            explained: !portable,
            request: info.request.reference(),
            controller: &info.controller,
            regime: &info.regime,
            complaint: &info.complaint,
            notice_version: info.notice_version.as_deref(),
            made_at: tongue::moment(info.created_at),
            undone: &info.undone,
            products: by_product(collected, portable),
            withheld: withheld.iter().map(WithheldView::new).collect(),
            kept: info.kept.iter().map(WithheldView::kept).collect(),
        }
    }
}

const fn other(language: Language) -> Language {
    match language {
        Language::En => Language::Ja,
        Language::Ja => Language::En,
    }
}

/// Products in the order of their first collection.
fn by_product(collected: &[Collected], portable: bool) -> Vec<Product<'_>> {
    let mut products: Vec<Product<'_>> = Vec::new();
    for (index, one) in collected.iter().enumerate() {
        let view = CollectionView::new(index, one, portable);
        match products.iter_mut().find(|product| product.title == one.info.product) {
            Some(product) => product.collections.push(view),
            None => products.push(Product { title: &one.info.product, collections: vec![view] }),
        }
    }
    products
}

impl<'a> CollectionView<'a> {
    fn new(index: usize, collected: &'a Collected, portable: bool) -> Self {
        let Collected { info, paths, rows, preview } = collected;
        Self {
            anchor: format!("part-{}", index + 1),
            title: &info.title,
            rows: *rows,
            json: &paths.json,
            csv: &paths.csv,
            schema: &paths.schema,
            fields: info.fields.iter().map(FieldView::new).collect(),
            categories: if portable { Vec::new() } else { categories(&info.fields) },
            preview,
        }
    }
}

fn categories(fields: &[FieldInfo]) -> Vec<&'static Bilingual> {
    let mut labels: Vec<&Bilingual> = Vec::new();
    for label in fields.iter().filter_map(|field| label(field.category.as_ref()?)) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

impl<'a> FieldView<'a> {
    fn new(field: &'a FieldInfo) -> Self {
        let name = field.name.as_str();
        let title = field.title.clone().unwrap_or_else(|| Bilingual { en: name.into(), ja: name.into() });
        Self { title, name }
    }
}

impl<'a> WithheldView<'a> {
    fn new(withheld: &'a Withheld) -> Self {
        Self {
            what: &withheld.what,
            reason: &withheld.reason,
            until: withheld.until.map(tongue::day),
            rows: withheld.rows,
        }
    }

    fn kept(kept: &'a Kept) -> Self {
        Self { what: &kept.what, reason: &kept.reason, until: kept.until.map(tongue::day), rows: kept.rows }
    }
}
