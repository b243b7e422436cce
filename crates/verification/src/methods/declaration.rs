use async_trait::async_trait;
use habeas_domain::verification::{EvidenceOutcome, Method};

use super::{Case, HandedIn, Offered, Verdict, Way};
use crate::DeskError;

/// A declaration that one is the person the data is about. It proves nothing by itself; some laws ask for it beside
/// other proof (11 CCR 7062(c)).
#[derive(Debug, Clone, Copy, Default)]
pub struct Declared;

#[async_trait]
impl Way for Declared {
    fn method(&self) -> Method {
        Method::Declaration
    }

    async fn begin(&self, _: Case<'_>) -> Result<(), DeskError> {
        Ok(())
    }

    async fn offer(&self, _: Case<'_>) -> Result<Offered, DeskError> {
        Ok(Offered::Statement)
    }

    async fn judge(&self, _: Case<'_>, shown: HandedIn) -> Result<Verdict, DeskError> {
        Ok(match shown {
            HandedIn::Declared => Verdict::Shown { outcome: EvidenceOutcome::Passed, answers: 0 },
            _ => Verdict::Nothing,
        })
    }
}
