//! Who the patient of a stay is, and what follows from it for what is published.

use contracts::Stamp;
use contracts::case::Reidentified;

use super::stay::{Patient, Stay};

/// A protected identity puts neither municipality nor care centre into any event.
pub(super) fn publish_whereabouts(stay: &mut Stay) {
    let Stay { case, patient, .. } = stay;
    case.protected = patient.protected;
    case.municipality = patient.municipality.clone().filter(|_| !patient.protected);
    case.listed_care_centre = patient.care_centre.clone().filter(|_| !patient.protected);
}

/// From when name, number and address were known, and that they are others now than a unit may have
/// read; `stamp` makes the entry's. What happened, in the past tense.
pub(super) fn identify(
    stay: &mut Stay,
    before: &Patient,
    stamp: impl FnOnce(&str) -> Stamp,
) -> Option<&'static str> {
    let complete = stay.patient.is_identified();
    if stay.case.identified.is_none() {
        stay.case.identified = complete.then(|| stamp("identified"));
        return complete.then_some("patient_identified");
    }
    if before.is_same_person(&stay.patient) {
        return None;
    }
    let stamp = stamp("identity_change");
    stay.case.reidentified.push(Reidentified { stamp, complete });
    Some("identity_changed")
}
