//! The regimes that ship with Habeas, and those that a configuration adds.

use std::collections::BTreeMap;

use super::{Regime, RegimeId};
use crate::data_file::DataFileError;

/// The embedded files: name and text.
pub(super) const FILES: [(&str, &str); 4] = [
    ("regimes/eu_gdpr.toml", include_str!("../../data/regimes/eu_gdpr.toml")),
    ("regimes/uk_gdpr.toml", include_str!("../../data/regimes/uk_gdpr.toml")),
    ("regimes/us_ca.toml", include_str!("../../data/regimes/us_ca.toml")),
    ("regimes/jp_appi.toml", include_str!("../../data/regimes/jp_appi.toml")),
];

/// All regimes that a request can be under.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Regimes(BTreeMap<RegimeId, Regime>);

impl Regimes {
    /// The regimes that ship with Habeas: `eu_gdpr`, `uk_gdpr`, `us_ca`, `jp_appi`.
    ///
    /// # Errors
    /// Only if an embedded file is broken, which a test excludes.
    pub fn builtin() -> Result<Self, DataFileError> {
        let mut regimes = Self::default();
        for (file, text) in FILES {
            regimes.add(Regime::parse(file, text)?);
        }
        Ok(regimes)
    }

    /// Adds a regime, or replaces the one of the same id.
    pub fn add(&mut self, regime: Regime) {
        self.0.insert(regime.id.clone(), regime);
    }

    /// The regime of that id.
    pub fn get(&self, id: &RegimeId) -> Option<&Regime> {
        self.0.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Regime> {
        self.0.values()
    }

    /// Their ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &RegimeId> {
        self.0.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_parse_and_are_named_after_their_id() {
        let regimes = Regimes::builtin().expect("every embedded file parses");
        assert_eq!(regimes.iter().count(), FILES.len());
        for (file, text) in FILES {
            let regime = Regime::parse(file, text).expect("it parses");
            assert_eq!(file, format!("regimes/{}.toml", regime.id));
        }
    }

    #[test]
    fn a_configuration_can_set_the_time_zone() {
        let mut regimes = Regimes::builtin().expect("every embedded file parses");
        let id = RegimeId::new("eu_gdpr").expect("an id");
        let mut mine = regimes.get(&id).expect("embedded").clone();
        mine.time_zone = chrono_tz::Europe::Athens;
        regimes.add(mine);
        assert_eq!(regimes.get(&id).map(|regime| regime.time_zone), Some(chrono_tz::Europe::Athens));
        assert_eq!(regimes.ids().count(), FILES.len());
    }
}
