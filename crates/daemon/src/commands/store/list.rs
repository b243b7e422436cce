//! `habeas store list`

use habeas_registry::Manifest;
use serde_json::json;

use crate::{
    assembly::open_registry,
    context::Context,
    failure::Failure,
    output::{Report, table},
};

pub(super) fn run(context: &Context) -> Result<Report, Failure> {
    let registry = open_registry(&context.load()?.config)?;
    let collections =
        |manifest: &Manifest| manifest.collections.iter().map(|one| one.name.to_string()).collect::<Vec<_>>();
    let rows = registry.manifests().iter().map(|manifest| {
        [
            manifest.store.to_string(),
            manifest.driver.as_str().to_owned(),
            manifest.role().as_str().to_owned(),
            manifest.product.clone(),
            collections(manifest).join(", "),
            manifest.file().display().to_string(),
        ]
    });
    let text =
        table(context, ["STORE", "DRIVER", "ROLE", "PRODUCT", "COLLECTIONS", "MANIFEST"], rows.collect());
    let stores: Vec<_> = registry
        .manifests()
        .iter()
        .map(|manifest| {
            json!({
                "name": manifest.store, "driver": manifest.driver.as_str(), "role": manifest.role(),
                "product": manifest.product,
                "collections": collections(manifest), "file": manifest.file(),
            })
        })
        .collect();
    Ok(Report::new(text, &json!({ "stores": stores })))
}
