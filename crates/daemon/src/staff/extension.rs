//! The law's rules for moving a due date.

use std::sync::Arc;

use habeas_api::ExtendRules;
use habeas_domain::{Calendars, Clock, Deadline, RegimeId, Regimes, deadline::ExtensionRefused};
use habeas_ledger::RequestView;

/// Counts extended deadlines.
pub(crate) struct Extensions {
    regimes: Arc<Regimes>,
    calendars: Calendars,
    clock: Arc<dyn Clock>,
}

impl Extensions {
    /// By these laws and calendars.
    pub(crate) fn new(regimes: Arc<Regimes>, calendars: Calendars, clock: Arc<dyn Clock>) -> Self {
        Self { regimes, calendars, clock }
    }
}

impl ExtendRules for Extensions {
    fn extension(&self, request: &RequestView) -> Result<Deadline, ExtensionRefused> {
        if request.extensions > 0 {
            return Err(ExtensionRefused::AlreadyExtended);
        }
        let id = RegimeId::new(request.regime.clone()).ok();
        let regime = id.as_ref().and_then(|id| self.regimes.get(id));
        let calendar = regime.and_then(|regime| self.calendars.of(regime).ok());
        let (Some(regime), Some(calendar)) = (regime, calendar) else {
            return Err(not_offered(&request.regime));
        };
        let (rights, received, proven) = (&request.rights, request.received_at, request.verified_at);
        let deadline = Deadline::compute(regime, &calendar, rights, received, proven);
        // Where the law's own period for children ends sooner, no extension moves it.
        if request.guardian.is_some()
            && deadline.clone().for_child(regime, &calendar).due_on < deadline.due_on
        {
            return Err(not_offered(&request.regime));
        }
        deadline.extend(regime, &calendar, rights, self.clock.now())
    }
}

/// A law whose file is gone offers nothing, and none offers more time than children are given.
fn not_offered(regime: &str) -> ExtensionRefused {
    RegimeId::new(regime).map_or(ExtensionRefused::AlreadyExtended, ExtensionRefused::NotOffered)
}
