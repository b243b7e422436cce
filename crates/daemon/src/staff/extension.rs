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
            return Err(unknown(&request.regime));
        };
        let (rights, received, proven) = (&request.rights, request.received_at, request.verified_at);
        Deadline::compute(regime, &calendar, rights, received, proven).extend(
            regime,
            &calendar,
            rights,
            self.clock.now(),
        )
    }
}

/// A law whose file is gone offers nothing.
fn unknown(regime: &str) -> ExtensionRefused {
    RegimeId::new(regime).map_or(ExtensionRefused::AlreadyExtended, ExtensionRefused::NotOffered)
}
