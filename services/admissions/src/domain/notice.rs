//! The admission notice: who may read it, and what it says.

use contracts::case::{Case, NoticeRead};
use contracts::commands::{Notice, NoticeWithConsent, Refusal};
use contracts::{HsaId, Stamp};

use super::stay::Patient;
use crate::private::Private;

/// Notes that a unit has read the notice; only its first reading is an entry (kvittens).
pub(crate) fn read(case: &mut Case, unit: &HsaId, stamp: Stamp) -> bool {
    if case.reads.iter().any(|read| read.unit == *unit) {
        return false;
    }
    case.reads.push(NoticeRead { stamp, unit: unit.clone() });
    true
}

/// What the notice says: name, number, address and estimated discharge at once (2017:612, 2 kap.
/// 3 §), everything else with the patient's consent in force only.
pub(crate) fn notice(case: &Case, patient: &Patient) -> Notice {
    let diagnoses = || patient.diagnoses.as_ref().map(Private::expose).cloned();
    Notice {
        case_ref: case.case_ref,
        name: patient.name.as_ref().map(Private::expose).cloned(),
        identity: patient.identity.clone(),
        address: patient.address.as_ref().map(Private::expose).cloned(),
        estimated_discharge: case.estimate(),
        with_consent: case.consented().then(|| NoticeWithConsent {
            admitted_at: Some(case.admitted.occurred_at),
            diagnoses: diagnoses().unwrap_or_default(),
        }),
    }
}

/// The case is not routed to the unit that asks, or does not concern anybody any more.
pub(crate) fn not_routed() -> Refusal {
    Refusal::new(
        "not_routed",
        "Ärendet är inte skickat till enheten.",
        "The case is not routed to the unit.",
    )
}
