//! Children: whom a law takes for one, and what it takes then (mission N20).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Confidence, Sourced};
use crate::{data_file::DataFileError, deadline::Period, verification::VerificationPolicy};

/// Rules for requests about children. A child does not prove anything alone: a parent or guardian does, or staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChildRule {
    /// Whoever is younger is a child.
    pub age: Sourced<u8>,
    /// Where it is another age: by the country in which the child lives (ISO 3166-1, two capital letters).
    pub countries: BTreeMap<String, Sourced<u8>>,
    /// By when a child's request is answered, where that is sooner than the law's own period.
    pub within: Sourced<Period>,
    /// What proof takes. Every set holds the guardian's own link.
    pub verification: VerificationPolicy,
}

impl Default for ChildRule {
    /// The highest age of all, and ten days, where a file says nothing.
    fn default() -> Self {
        let policy = "policy".to_owned();
        let confidence = Confidence::Unsure;
        Self {
            age: Sourced { value: 16, article: policy.clone(), confidence },
            countries: BTreeMap::new(),
            within: Sourced { value: Period::Days(10), article: policy, confidence },
            verification: VerificationPolicy::guardian(),
        }
    }
}

impl ChildRule {
    /// The age below which somebody is a child, for one who lives in `country`, if that is known.
    pub fn age_in(&self, country: Option<&str>) -> u8 {
        let own = country.and_then(|country| self.countries.get(country));
        own.unwrap_or(&self.age).value
    }

    /// The rules that the types alone do not hold.
    pub(super) fn check(&self, file: &str) -> Result<(), DataFileError> {
        let wrong =
            |field: &str, problem: &str| Err(DataFileError::rule(file, format!("child.{field}"), problem));
        let ages = self.countries.values().chain([&self.age]);
        if ages.into_iter().any(|age| !(1..=18).contains(&age.value)) {
            return wrong("age", "write a number from 1 to 18");
        }
        let is_code = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if !self.countries.keys().all(is_code) {
            return wrong("countries", "write each country as two capital letters, such as FR");
        }
        if !self.verification.is_for_child() {
            return wrong(
                "verification.enough",
                "put guardian-link into every set: no child proves it alone",
            );
        }
        if self.verification.enough.iter().any(|set| set.len() < 2) {
            return wrong("verification.enough", "a guardian's link alone says nothing; add a second method");
        }
        Ok(())
    }
}
