//! The object store.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

use habeas_config::{Config, Objects as Section, ObjectsKind};
use habeas_fulfilment::{Bucket, Objects};

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
    let bucket = Bucket {
        name: text(&section.bucket),
        region: text(&section.region),
        endpoint: section.endpoint.clone(),
        prefix: section.prefix.clone(),
        key_id: text(&section.key_id),
        key_secret: secret.to_owned(),
    };
    Objects::in_bucket(&bucket)
        .map_err(|error| Failure::of(Exit::Config, "objects", &error).fix("check the section [objects]"))
}
