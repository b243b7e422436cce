//! Rights that a mail may ask for beyond those that jobs fulfil.

use habeas_domain::words;
use serde::{Deserialize, Serialize};

/// A right that people may have and that staff deal with by hand, until a job fulfils it and
/// [`Right`](habeas_domain::Right) has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OtherRight {
    /// Which categories are held, without the values (11 CCR 7024; GDPR art. 15(1)).
    Know,
    /// No further use, or no passing on to third parties (GDPR art. 18; APPI art. 35).
    Restriction,
    /// Objection to processing, profiling included (GDPR art. 21(1)).
    Objection,
    /// No more advertising (GDPR art. 21(2)).
    MarketingOptOut,
    /// A person looks at what a machine decided (GDPR art. 22).
    HumanReview,
    /// Consent is withdrawn (GDPR art. 7(3)).
    ConsentWithdrawal,
    /// A complaint, to the company or to an authority (GDPR art. 77).
    Complaint,
    /// To whom data was disclosed (Cal. Civ. Code 1798.110; APPI art. 33(5)).
    DisclosureList,
    /// No selling, sharing or targeted advertising (Cal. Civ. Code 1798.120).
    AdOptOut,
    /// Sensitive data for what is needed only (Cal. Civ. Code 1798.121).
    LimitSensitive,
    /// The account of a child is closed and its data deleted (COPPA, 16 CFR 312; GDPR art. 8).
    ChildAccount,
    /// No use of network data for marketing (47 USC 222, 47 CFR 64.2008).
    CpniOptOut,
    /// An authority, a court or a lawyer demands data about somebody: never the person's own request.
    LegalDisclosure,
}

words!(OtherRight, or UnknownOtherRight:
    Know = "know", Restriction = "restriction", Objection = "objection",
    MarketingOptOut = "marketing-opt-out", HumanReview = "human-review",
    ConsentWithdrawal = "consent-withdrawal", Complaint = "complaint", DisclosureList = "disclosure-list",
    AdOptOut = "ad-opt-out", LimitSensitive = "limit-sensitive", ChildAccount = "child-account",
    CpniOptOut = "cpni-opt-out", LegalDisclosure = "legal-disclosure",
);

/// A text that names none of these rights.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no right is called so")]
pub struct UnknownOtherRight;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_are_those_of_the_wire() {
        for right in OtherRight::ALL {
            assert_eq!(right.as_str().parse(), Ok(right));
            let written = serde_json::to_value(right).expect("a name");
            assert_eq!(written, right.as_str());
        }
    }
}
