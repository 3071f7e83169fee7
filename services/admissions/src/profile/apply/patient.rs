//! Who the patient is, lives, and is listed with.

use contracts::MunicipalityCode;

use super::Reader;
use crate::hl7::{Address, FaultCode, FieldFault, FieldPath, Location};
use crate::hospital_message::{Death, Identity, Kind, PatientStatement, UnitRef};
use crate::profile::SenderProfile;
use crate::stated::Stated;

impl Reader<'_> {
    pub(super) fn patient(&mut self, kind: Kind, identity: Stated<Identity>) -> PatientStatement {
        let left_dead = self.left_dead(kind);
        let patient = &self.adt.patient;
        PatientStatement {
            identity,
            name: patient.name.clone(),
            address: patient
                .addresses
                .as_ref()
                .and_then(|all| home(all))
                .map(|home| home.postal.clone()),
            protected: self.profile.protected.as_ref().and_then(|m| self.marked(m)),
            municipality: self.municipality(),
            listed_care_centre: self.unit(
                patient.care_centre.clone(),
                "PD1",
                SenderProfile::care_centre,
            ),
            death: self.death(left_dead),
            left_dead,
        }
    }

    /// A unit by its code (PV1-3 or PD1-3). One that nobody has mapped is no reason to refuse a
    /// patient: it is kept as it is, with a warning.
    pub(super) fn unit(
        &mut self,
        code: Stated<String>,
        segment: &str,
        resolve: fn(&SenderProfile, &str) -> UnitRef,
    ) -> Stated<UnitRef> {
        code.map(|code| {
            let unit = resolve(self.profile, &code);
            if matches!(unit, UnitRef::Unmapped(_)) {
                let fault = FieldFault::unknown_key(Location::field(segment, 3));
                self.warnings.push(fault.as_warning());
            }
            unit
        })
    }

    fn municipality(&mut self) -> Stated<MunicipalityCode> {
        let Some(path) = &self.profile.municipality else {
            return Stated::Absent;
        };
        let code = if path.is_in("PID", 11) { self.of_home(path) } else { self.first(path) };
        code.and_then(|code| {
            if let Ok(code) = code.parse() {
                return Some(code);
            }
            let (sv, en) =
                ("är ingen kommunkod (fyra siffror)", "is no municipality code (4 digits)");
            let fault = FieldFault::new(path.location(), FaultCode::DataType, sv, en);
            self.warnings.push(fault.as_warning());
            None
        })
    }

    /// A part of the home address: a patient who stays elsewhere for now is still registered there.
    fn of_home(&self, path: &FieldPath) -> Stated<String> {
        let home = self.adt.patient.addresses.value().and_then(|all| home(all));
        let repetition = home.map_or(1, |home| home.repetition);
        let found = self.adt.message.at(path).find(|(at, _)| at.repetition == Some(repetition));
        found.map(|(_, part)| part.stated()).unwrap_or_default()
    }

    /// PID-30 says yes or no; a no beside a discharge that says yes is a default that nobody changed.
    fn death(&self, left_dead: Option<Death>) -> Option<Death> {
        let codes = &self.profile.death.indicator_values;
        let dead = match &self.adt.patient.death_indicator {
            Stated::Absent => return None,
            Stated::Removed => false,
            Stated::Value(value) => codes.contains(value),
        };
        let left_dead = left_dead.is_some_and(|death| death.dead);
        (dead || !left_dead).then(|| self.dead_or_not(dead))
    }

    /// PV1-36 says how the stay ended; a discharge that is cancelled takes that back.
    fn left_dead(&self, kind: Kind) -> Option<Death> {
        let codes = &self.profile.death.disposition_codes;
        let dead = match &self.adt.visit.disposition {
            _ if codes.is_empty() => return None,
            _ if kind == Kind::CancelDischarge => false,
            Stated::Absent => return None,
            Stated::Removed => false,
            Stated::Value(code) => codes.contains(code),
        };
        Some(self.dead_or_not(dead))
    }

    fn dead_or_not(&self, dead: bool) -> Death {
        let at = self.adt.patient.died_at.into_value();
        Death { dead, at: at.filter(|_| dead) }
    }
}

/// The home address: one of no kind, or of kind H (home), L (legal) or P (permanent); else the
/// first.
fn home(addresses: &[Address]) -> Option<&Address> {
    let is_home =
        |address: &&Address| matches!(address.kind.as_deref(), None | Some("H" | "L" | "P"));
    addresses.iter().find(is_home).or_else(|| addresses.first())
}
