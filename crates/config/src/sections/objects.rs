//! `[objects]`

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, finding::Findings};

/// Where objects go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ObjectsKind {
    /// A folder of this machine.
    #[default]
    Folder,
    /// A bucket behind the S3 protocol.
    S3,
}

/// Where sealed spools and packages lie.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Objects {
    /// `folder`, or `s3` so that several machines share them.
    pub kind: ObjectsKind,
    /// The folder for `kind = "folder"`. Without it, `objects` in the data folder.
    #[schemars(with = "Option<String>", example = &"/var/lib/habeas/objects")]
    pub folder: Option<PathBuf>,
    /// The bucket.
    #[schemars(example = &"habeas")]
    pub bucket: Option<String>,
    /// Its region.
    #[schemars(example = &"eu-central-1")]
    pub region: Option<String>,
    /// Where the service is, for anything but AWS.
    #[schemars(example = &"https://s3.example.com")]
    pub endpoint: Option<String>,
    /// A prefix for the names of all objects.
    #[schemars(example = &"production")]
    pub prefix: Option<String>,
    /// The id of the access key.
    #[schemars(example = &"EXAMPLEKEYID")]
    pub key_id: Option<String>,
    /// The secret of the access key.
    #[schemars(example = &"password")]
    pub key_secret: Option<Secret>,
}

impl Objects {
    pub(crate) fn check(&self, findings: &mut Findings) {
        if self.kind == ObjectsKind::Folder {
            return;
        }
        let needed = [
            ("objects.bucket", self.bucket.is_some(), "\"habeas\""),
            ("objects.region", self.region.is_some(), "\"eu-central-1\" (or what your service calls it)"),
            ("objects.key_id", self.key_id.is_some(), "the id of an access key"),
            (
                "objects.key_secret",
                self.key_secret.is_some(),
                "its secret, or HABEAS__OBJECTS__KEY_SECRET_FILE",
            ),
        ];
        for (path, _, example) in needed.into_iter().filter(|(_, is_set, _)| !is_set) {
            findings.missing(path, "objects.kind is \"s3\"", example);
        }
        let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        if self.endpoint.as_deref().is_some_and(|url| !web(url)) {
            findings.add("objects.endpoint", "not a web address", "begin it with https://");
        }
    }
}
