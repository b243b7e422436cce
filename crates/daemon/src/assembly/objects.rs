//! The object store.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

use habeas_config::{Config, Objects as Section, ObjectsKind};
use habeas_fulfilment::Objects;
use opendal::{Operator, services::S3};

use crate::failure::{Exit, Failure};

/// Where spools and packages lie.
pub(crate) fn open_objects(config: &Config) -> Result<Objects, Failure> {
    match config.objects.kind {
        ObjectsKind::Folder => in_folder(config),
        ObjectsKind::S3 => in_bucket(&config.objects),
    }
}

fn in_folder(config: &Config) -> Result<Objects, Failure> {
    let folder = config.objects_folder();
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|error| {
        let message = format!("cannot make the folder for objects {}: {error}", folder.display());
        Failure::new(Exit::Config, "objects", message)
            .fix("set objects.folder to a folder that this user may write")
    })?;
    Ok(Objects::in_folder(&folder)?)
}

fn in_bucket(section: &Section) -> Result<Objects, Failure> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let secret = section.key_secret.as_ref().map(habeas_config::Secret::expose).unwrap_or_default();
    let mut service = S3::default()
        .bucket(&text(&section.bucket))
        .region(&text(&section.region))
        .access_key_id(&text(&section.key_id))
        .secret_access_key(secret);
    if let Some(endpoint) = &section.endpoint {
        service = service.endpoint(endpoint);
    }
    if let Some(prefix) = &section.prefix {
        service = service.root(prefix);
    }
    let operator = Operator::new(service).map_err(|error| {
        // Its text may quote settings, the secret among them.
        let message = format!("the settings of the object store do not fit together: {}", error.kind());
        Failure::new(Exit::Config, "objects", message).fix("check the section [objects]")
    })?;
    Ok(Objects::over(operator)?)
}
