//! What a correction can change, as the manifests say.

use habeas_config::Config;
use habeas_domain::submission::CorrectionKind;
use habeas_intake::Correctable;
use habeas_registry::{Meaning, Registry, RegistryError};

use crate::failure::Failure;

/// What the stores that requests run in let a correction change.
pub(crate) fn correctable(registry: &Registry) -> Correctable {
    let collections = registry.own().flat_map(|manifest| &manifest.collections);
    let fields = collections.flat_map(|collection| &collection.fields);
    fields.filter_map(|field| Some((field.category.clone()?, kind(field.correct?)))).collect()
}

/// The same for a command beside the daemon: the manifests are read, and no address of a store. Nothing while none is registered.
pub(crate) fn registered_correctable(config: &Config) -> Result<Option<Correctable>, Failure> {
    let folder = config.stores_folder();
    if !folder.exists() {
        return Ok(None);
    }
    match Registry::load(&folder) {
        Err(RegistryError::Empty(_)) => Ok(None),
        loaded => Ok(Some(correctable(&loaded?))),
    }
}

const fn kind(meaning: Meaning) -> CorrectionKind {
    match meaning {
        Meaning::Text => CorrectionKind::Text,
        Meaning::Email => CorrectionKind::Email,
        Meaning::Phone => CorrectionKind::Phone,
        Meaning::Name => CorrectionKind::Name,
        Meaning::Date => CorrectionKind::Date,
        Meaning::Number => CorrectionKind::Number,
    }
}
