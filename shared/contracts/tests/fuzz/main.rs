//! Fuzz targets over what crosses a border. What is read can be written, and reads back the same.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use contracts::identity::{IdentityKind, PersonalIdentity};
use contracts::{
    Alert, Assignment, Case, CaseId, CaseRef, Event, HsaId, Ledger, MunicipalityCode, Sip, StaffId,
    Unit, UnitReach,
};
use serde::{Serialize, de::DeserializeOwned};

fn read_back<T: FromStr<Err: Debug> + Display + PartialEq + Debug>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string().parse::<T>().unwrap(), value);
    }
}

fn told_again<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(bytes) {
        let written = serde_json::to_vec(&value).unwrap();
        assert_eq!(serde_json::from_slice::<T>(&written).unwrap(), value);
    }
}

#[test]
fn ids() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        read_back::<CaseId>(&text);
        read_back::<CaseRef>(&text);
        read_back::<HsaId>(&text);
        let _ = text.parse::<StaffId>();
        let _ = text.parse::<MunicipalityCode>();
        for kind in [IdentityKind::Personal, IdentityKind::Coordination, IdentityKind::Reserve] {
            let _ = PersonalIdentity::new(kind, &text);
        }
    });
}

#[test]
fn snapshots() {
    bolero::check!().for_each(|bytes: &[u8]| {
        told_again::<Case>(bytes);
        told_again::<Unit>(bytes);
        told_again::<Assignment>(bytes);
        told_again::<Sip>(bytes);
        told_again::<Ledger>(bytes);
        told_again::<Alert>(bytes);
        told_again::<UnitReach>(bytes);
        let _ = serde_json::from_slice::<Event<Case>>(bytes);
        let _ = serde_json::from_slice::<Event<serde_json::Value>>(bytes);
    });
}
