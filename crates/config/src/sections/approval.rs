//! `[approval]`

use std::collections::BTreeMap;

use habeas_domain::{RegimeId, Right, approval::ApprovalPolicy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Findings;

/// Who must agree before a job runs, where it differs from the regime.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Approval(
    /// By regime and right.
    #[schemars(
        with = "BTreeMap<String, BTreeMap<String, String>>",
        example = serde_json::json!({ "eu_gdpr": { "deletion": "four-eyes" } }),
    )]
    pub BTreeMap<RegimeId, BTreeMap<Right, ApprovalPolicy>>,
);

impl Approval {
    pub(crate) fn check(&self, findings: &mut Findings) {
        for (regime, rights) in &self.0 {
            if rights.is_empty() {
                findings.add(
                    &format!("approval.{regime}"),
                    "names no right",
                    "write a line such as deletion = \"four-eyes\", or leave the table out",
                );
            }
        }
    }
}
