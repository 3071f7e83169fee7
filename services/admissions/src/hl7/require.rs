//! What a message cannot do without, by what it says happened.

use super::adt::Adt;
use super::fault::{FaultCode, FieldFault, Location};
use super::trigger::Trigger;
use crate::ids::is_key;

/// Everything that is wrong with a message whoever sent it, all at once.
///
/// Little is required, for a refused admission is a patient whom nobody hears of: the ids to answer
/// and to sort by, one patient and one visit, and the instant from which the law's clocks run. A
/// message that we do not act on needs a header only. What a sender's profile requires beside this,
/// a visit number for example, is found when the profile is applied.
#[must_use]
pub fn require(adt: &Adt) -> Vec<FieldFault> {
    let mut faults = header(adt);
    match adt.trigger {
        Trigger::Other(_) => return faults,
        Trigger::Merge => {
            faults.extend(merge(adt));
            return faults;
        }
        _ => {}
    }
    faults.extend(adt.faults.iter().filter(|fault| fault.refuses()).cloned());
    faults.extend(["PID", "PV1"].into_iter().filter_map(|name| exactly_one(adt, name)));
    let missing = |is_missing: bool, segment, field| {
        let place = Location::field(segment, field);
        let unreadable = adt.faults.iter().find(|fault| fault.location == place);
        match unreadable {
            Some(fault) if is_missing && !fault.refuses() => Some(FieldFault::bad_time(place)),
            None if is_missing => Some(FieldFault::missing(place)),
            _ => None,
        }
    };
    let is = |trigger: Trigger| adt.trigger == trigger;
    let admits = adt.trigger.admits();
    let places = admits || is(Trigger::Transfer);
    let visit = &adt.visit;
    let no_event_time = adt.occurred_at.is_none();
    faults.extend(missing(adt.recorded_at.is_none(), "EVN", 2));
    if adt.message.segments("PV1").next().is_none() {
        return faults;
    }
    let no_place = visit.location.point_of_care.value().is_none();
    let no_end = visit.discharged_at.value().is_none() && no_event_time;
    faults.extend(missing(admits && visit.class.is_none(), "PV1", 2));
    faults.extend(missing(places && no_place, "PV1", 3));
    faults.extend(missing(admits && visit.admitted_at.is_none() && no_event_time, "PV1", 44));
    faults.extend(missing(is(Trigger::Discharge) && no_end, "PV1", 45));
    faults
}

/// A merge is about a patient and no visit. Several in one message would be mixed up, as two patients
/// would.
fn merge(adt: &Adt) -> Vec<FieldFault> {
    let mut faults: Vec<FieldFault> =
        ["PID", "MRG"].into_iter().filter_map(|name| exactly_one(adt, name)).collect();
    let missing = |is_missing: bool, segment, field| {
        is_missing.then(|| FieldFault::missing(Location::field(segment, field)))
    };
    faults.extend(missing(adt.recorded_at.is_none(), "EVN", 2));
    let has_segment = adt.message.segments("MRG").next().is_some();
    faults.extend(missing(has_segment && adt.patient.prior.is_empty(), "MRG", 1));
    faults.extend(missing(adt.patient.identifiers.is_empty(), "PID", 3));
    faults
}

fn header(adt: &Adt) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    match &adt.header.control_id {
        None => faults.push(FieldFault::missing(Location::field("MSH", 10))),
        Some(id) if is_key(id) => {}
        Some(_) => {
            let (sv, en) = ("är för långt", "is too long");
            let place = Location::field("MSH", 10);
            faults.push(FieldFault::new(place, FaultCode::DataType, sv, en));
        }
    }
    faults.extend(message_type(adt));
    if adt.header.version.as_deref().is_some_and(|version| !version.starts_with('2')) {
        let (sv, en) = ("är inte HL7 version 2", "is not HL7 version 2");
        let place = Location::field("MSH", 12);
        faults.push(FieldFault::new(place, FaultCode::UnsupportedVersion, sv, en));
    }
    if adt.message.segments("MSH").nth(1).is_some() {
        faults.push(repeated("MSH"));
    }
    faults
}

/// What a message is must be said: a misspelt type would go by unused and unseen.
fn message_type(adt: &Adt) -> Option<FieldFault> {
    let part = |component| Location::field("MSH", 9).at(1, component);
    let is_code = |text: &str, is: fn(&[u8]) -> bool| text.len() == 3 && is(text.as_bytes());
    let Some(code) = &adt.header.message_code else {
        return Some(FieldFault::missing(part(1)));
    };
    if !is_code(code, |code| code.iter().all(u8::is_ascii_uppercase)) {
        let (sv, en) = ("är ingen meddelandetyp", "is no message type");
        return Some(FieldFault::new(part(1), FaultCode::UnsupportedMessageType, sv, en));
    }
    let is_event = |event: &[u8]| {
        event.iter().all(u8::is_ascii_alphanumeric) && !event.iter().any(u8::is_ascii_lowercase)
    };
    match &adt.header.event_code {
        _ if code != "ADT" => None,
        None => Some(FieldFault::missing(part(2))),
        Some(event) if is_code(event, is_event) => None,
        Some(_) => {
            let (sv, en) = ("är ingen händelsekod", "is no event code");
            Some(FieldFault::new(part(2), FaultCode::UnsupportedEventCode, sv, en))
        }
    }
}

/// Two patients or two visits in one message would be mixed up.
fn exactly_one(adt: &Adt, name: &str) -> Option<FieldFault> {
    match adt.message.segments(name).take(2).count() {
        0 => {
            let (sv, en) = ("saknas", "is missing");
            Some(FieldFault::new(Location::segment(name), FaultCode::SegmentSequence, sv, en))
        }
        1 => None,
        _ => Some(repeated(name)),
    }
}

fn repeated(name: &str) -> FieldFault {
    let place = Location::segment(name).in_segment(2);
    let (sv, en) = ("får bara finnas en gång", "may be there only once");
    FieldFault::new(place, FaultCode::SegmentSequence, sv, en)
}
