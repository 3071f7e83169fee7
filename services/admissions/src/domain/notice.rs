//! The admission notice: who may read it, and what it says.

use chrono::{DateTime, Utc};
use contracts::case::{Case, ConsentScope, NoticeRead};
use contracts::commands::{Notice, NoticeWithConsent, Refusal};
use contracts::{HsaId, Party, Stamp};

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
/// 3 §), everything else as far as the patient allows the reader's party to know.
pub(crate) fn notice(case: &Case, patient: &Patient, reader: Party, now: DateTime<Utc>) -> Notice {
    let diagnoses = || patient.diagnoses.as_ref().map(Private::expose).cloned();
    Notice {
        case_ref: case.case_ref,
        name: patient.name.as_ref().map(Private::expose).cloned(),
        identity: patient.identity.clone(),
        address: patient.address.as_ref().map(Private::expose).cloned(),
        estimated_discharge: case.estimate(),
        with_consent: case.allows(ConsentScope::Information, reader, now).then(|| {
            NoticeWithConsent {
                admitted_at: Some(case.admitted.occurred_at),
                diagnoses: diagnoses().unwrap_or_default(),
            }
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
