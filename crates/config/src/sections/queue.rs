//! `[queue]`

use std::{num::NonZeroU32, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, finding::Findings};

/// Which queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QueueKind {
    /// Inside the process.
    #[default]
    Embedded,
    /// A RabbitMQ broker.
    RabbitMq,
}

/// The queue that carries ids between the workers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// `embedded` (inside the process) or `rabbitmq`.
    pub kind: QueueKind,
    /// Where RabbitMQ is: `amqp://user:password@host/%2f`, or `amqps://` for TLS.
    #[schemars(example = &"amqps://habeas:password@broker.example.com/%2f")]
    pub url: Option<Secret>,
    /// Certificates (PEM) to trust for `amqps` beside the machine's own.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/broker-ca.pem")]
    pub ca_file: Option<PathBuf>,
    /// The limit for one publish.
    #[schemars(range(max = 3600))]
    pub publish_timeout_seconds: NonZeroU32,
    /// The limit for every other call to the broker.
    #[schemars(range(max = 3600))]
    pub call_timeout_seconds: NonZeroU32,
}

impl Default for Queue {
    fn default() -> Self {
        let ten = super::workers::number(10);
        Self {
            kind: QueueKind::default(),
            url: None,
            ca_file: None,
            publish_timeout_seconds: ten,
            call_timeout_seconds: ten,
        }
    }
}

impl Queue {
    pub(crate) fn check(&self, findings: &mut Findings) {
        match (&self.kind, &self.url) {
            (QueueKind::RabbitMq, None) => {
                let example = &"\"amqps://user:password@host/%2f\", or HABEAS__QUEUE__URL_FILE";
                findings.missing("queue.url", "queue.kind is \"rabbitmq\"", example);
            }
            (QueueKind::RabbitMq, Some(url))
                if !["amqp://", "amqps://"].iter().any(|kind| url.expose().starts_with(kind)) =>
            {
                findings.add("queue.url", "not a URL of RabbitMQ", "begin it with amqp:// or amqps://");
            }
            (QueueKind::Embedded, Some(_)) => findings.add(
                "queue.url",
                "the embedded queue takes no URL",
                "set queue.kind = \"rabbitmq\", or leave the URL out",
            ),
            _ => {}
        }
    }
}
