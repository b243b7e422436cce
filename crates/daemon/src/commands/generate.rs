//! `habeas generate`: files under `deploy/` that are made from the code, so that they cannot drift from it.

use clap::{Args, ValueEnum};
use habeas_domain::submission_schema;
use habeas_queue::definitions;
use serde_json::{Value, json};

use crate::{assembly::queue_names, context::Context, failure::Failure, output::Report};

/// Print files that are made from the code.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Which.
    what: Generated,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Generated {
    /// The OpenAPI document of the API.
    Openapi,
    /// The JSON Schema of the configuration.
    ConfigSchema,
    /// The commented example configuration.
    ConfigExample,
    /// The JSON Schema of `request.submitted` messages.
    MessageSchema,
    /// The queues that every deployment has, as RabbitMQ imports them. Those of stores are made by the daemon.
    RabbitmqDefinitions,
}

impl GenerateArgs {
    pub(crate) fn run(self, _: &Context) -> Result<Report, Failure> {
        let json = match self.what {
            Generated::ConfigExample => {
                let example = habeas_config::example();
                return Ok(Report::new(example.clone(), &example));
            }
            Generated::Openapi => serde_json::to_value(habeas_api::openapi()).unwrap_or_default(),
            Generated::ConfigSchema => habeas_config::schema(),
            Generated::MessageSchema => message_schema(),
            Generated::RabbitmqDefinitions => definitions(&queue_names([])?),
        };
        Ok(Report::new(serde_json::to_string_pretty(&json).unwrap_or_default(), &json))
    }
}

/// The envelope of `request.submitted`, around the schema of a submission.
fn message_schema() -> Value {
    let mut submission = submission_schema();
    if let Value::Object(members) = &mut submission {
        members.remove("$schema");
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "request.submitted",
        "description": "What another system publishes to the queue habeas.intake. The answer goes to reply_to when given.",
        "type": "object",
        "additionalProperties": false,
        "required": ["v", "kind", "id", "request"],
        "properties": {
            "v": { "description": "The version of this format.", "const": habeas_messages::VERSION },
            "kind": { "const": "request.submitted" },
            "id": {
                "description": "Chosen by the publisher; the same id with the same content is the same request.",
                "type": "string",
                "minLength": 1,
                "maxLength": habeas_messages::Submitted::MAX_ID,
            },
            "request": submission,
        },
    })
}
