//! What the tests of the domain begin with.

use contracts::{CaseId, EntryId, HsaId, Sip, Stamp};
use uuid::Uuid;

use super::need;

/// An entry at a full hour of one day, in UTC.
pub(crate) fn stamp(hour: u32) -> Stamp {
    let at = format!("2026-11-24T{hour:02}:00:00Z").parse().unwrap();
    Stamp::now(EntryId(Uuid::from_u128(hour.into())), at, Some(staff()))
}

pub(crate) fn staff() -> contracts::StaffId {
    "SE2321000180-9A2B".parse().unwrap()
}

/// The care centre that calls.
pub(crate) fn unit() -> HsaId {
    "SE2321000180-VC01".parse().unwrap()
}

pub(crate) fn empty() -> Sip {
    Sip::new(CaseId(Uuid::from_u128(1)))
}

/// Called at eight.
pub(crate) fn called() -> Sip {
    let mut sip = empty();
    assert!(need::call(&mut sip, &unit(), stamp(8)));
    sip
}
