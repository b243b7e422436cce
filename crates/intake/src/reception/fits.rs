//! Whether what a deployment decides fits the regimes.

use std::collections::BTreeMap;

use habeas_domain::{Regime, RegimeId, Regimes, Right, verification::Level};

use super::{PolicyTable, ReceptionError, ReceptionOptions};

/// Whether `options` name only what `regimes` have.
pub(super) fn check(regimes: &Regimes, options: &ReceptionOptions) -> Result<(), ReceptionError> {
    let known = || regimes.ids().map(RegimeId::as_str).collect::<Vec<_>>().join(", ");
    let usual = &options.default_regime;
    if regimes.get(usual).is_none() {
        return Err(ReceptionError::UnknownDefault { regime: usual.clone(), known: known() });
    }
    if let Some(regime) = options.regimes.iter().find(|one| regimes.get(one).is_none()) {
        return Err(ReceptionError::UnknownTaken { regime: regime.clone(), known: known() });
    }
    if !options.regimes.is_empty() && !options.regimes.contains(usual) {
        return Err(ReceptionError::DefaultNotTaken { regime: usual.clone() });
    }
    let find = |table: PolicyTable, regime: &RegimeId| {
        let unknown = || ReceptionError::UnknownRegime { table, regime: regime.clone(), known: known() };
        regimes.get(regime).ok_or_else(unknown)
    };
    for (regime, rights) in &options.approvals {
        let table = PolicyTable::Approvals;
        are_offered(table, find(table, regime)?, rights.keys())?;
    }
    for (regime, rights) in &options.levels {
        let table = PolicyTable::Levels;
        let found = find(table, regime)?;
        are_offered(table, found, rights.keys())?;
        have_effect(found, rights)?;
    }
    Ok(())
}

fn are_offered<'r>(
    table: PolicyTable,
    regime: &Regime,
    mut rights: impl Iterator<Item = &'r Right>,
) -> Result<(), ReceptionError> {
    rights.find(|right| !regime.offers(**right)).map_or(Ok(()), |right| {
        Err(ReceptionError::NotOffered { table, regime: regime.id.clone(), right: *right })
    })
}

/// A level that another right raises is not what whoever wrote it expects.
fn have_effect(regime: &Regime, levels: &BTreeMap<Right, Level>) -> Result<(), ReceptionError> {
    let rules = &regime.verification;
    let raised = levels.iter().find(|(right, set)| rules.level(**right, levels) != **set);
    let Some((right, set)) = raised else { return Ok(()) };
    let mut others = Right::ALL.into_iter().filter(|other| other != right && other.gives_a_copy());
    let other = others.find(|other| rules.level(*other, levels) == Level::High).unwrap_or(*right);
    Err(ReceptionError::OtherDoor { regime: regime.id.clone(), right: *right, set: *set, other })
}
