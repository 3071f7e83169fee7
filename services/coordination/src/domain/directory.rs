//! The units that a batch of cases may be routed to.

use std::collections::{BTreeMap, BTreeSet};

use contracts::assignment::UnroutedReason;
use contracts::{Case, HsaId, MunicipalityCode, Party, Unit};

/// Units in use, found by id and by the municipality they serve.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    by_id: BTreeMap<HsaId, Unit>,
}

/// What must be looked up to route some cases.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) units: BTreeSet<HsaId>,
    pub(crate) municipalities: BTreeSet<MunicipalityCode>,
}

impl Wanted {
    pub(crate) fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        let mut wanted = Self::default();
        for case in cases {
            wanted.units.extend(case.listed_care_centre.clone());
            wanted.municipalities.extend(case.municipality.clone());
        }
        wanted
    }
}

impl Directory {
    pub(crate) fn new(units: impl IntoIterator<Item = Unit>) -> Self {
        let in_use = units.into_iter().filter(|unit| unit.active);
        Self { by_id: in_use.map(|unit| (unit.unit.clone(), unit)).collect() }
    }

    /// Whether a unit that has the case may keep it: one of several that serve the municipality, too.
    pub(crate) fn fits(&self, case: &Case, party: Party, unit: &HsaId) -> bool {
        let Some(unit) = self.by_id.get(unit).filter(|unit| unit.party == party) else {
            return false;
        };
        if party == Party::OpenCare {
            return case.listed_care_centre.as_ref() == Some(&unit.unit);
        }
        case.municipality.as_ref().is_some_and(|code| unit.serves.contains(code))
    }

    /// The unit of `party` that a case belongs to: open care by the listed care centre, the
    /// municipality's parties by the municipality of registration.
    pub(crate) fn unit_for(&self, case: &Case, party: Party) -> Result<&HsaId, UnroutedReason> {
        if case.protected {
            return Err(UnroutedReason::Protected);
        }
        if party == Party::OpenCare {
            let listed = case.listed_care_centre.as_ref().ok_or(UnroutedReason::NoCareCentre)?;
            return match self.by_id.get(listed) {
                Some(unit) if unit.party == Party::OpenCare => Ok(&unit.unit),
                _ => Err(UnroutedReason::UnknownCareCentre),
            };
        }
        let municipality = case.municipality.as_ref().ok_or(UnroutedReason::NoMunicipality)?;
        let mut serving = self
            .by_id
            .values()
            .filter(|unit| unit.party == party && unit.serves.contains(municipality));
        match (serving.next(), serving.next()) {
            (Some(unit), None) => Ok(&unit.unit),
            (None, _) => Err(UnroutedReason::UnservedMunicipality),
            (Some(_), Some(_)) => Err(UnroutedReason::SeveralUnits),
        }
    }
}
