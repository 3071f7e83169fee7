//! Where a fault is: how a place of a message is named to its sender, by number and in words.

use std::fmt;

use serde::Serialize;

/// The place of a fault: a segment, and as much more as is known. Segments, repetitions and
/// components count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Name of the segment.
    pub segment: String,
    /// Which of the segments of that name.
    pub sequence: u16,
    /// Number of the field; the whole segment when `None`.
    pub field: Option<u16>,
    /// Which repetition of the field.
    pub repetition: Option<u16>,
    /// Number of the component.
    pub component: Option<u16>,
}

impl Location {
    /// A whole segment.
    #[must_use]
    pub fn segment(name: &str) -> Self {
        let segment = name.to_owned();
        Self { segment, sequence: 1, field: None, repetition: None, component: None }
    }

    /// A field of the first segment of that name.
    #[must_use]
    pub fn field(segment: &str, field: u16) -> Self {
        Self { field: Some(field), ..Self::segment(segment) }
    }

    /// The same place in the nth segment of that name.
    #[must_use]
    pub fn in_segment(self, sequence: u16) -> Self {
        Self { sequence, ..self }
    }

    /// A component of a repetition of the same field.
    #[must_use]
    pub fn at(self, repetition: u16, component: u16) -> Self {
        Self { repetition: Some(repetition), component: Some(component), ..self }
    }

    /// What the field is, in Swedish and English, for those that a sender is likely to hear of.
    pub(super) const fn meaning(&self) -> Option<(&'static str, &'static str)> {
        let Some(field) = self.field else { return None };
        Some(match (self.segment.as_bytes(), field) {
            (b"MSH", 2) => ("avgränsare", "delimiters"),
            (b"MSH", 3) => ("avsändande system", "sending application"),
            (b"MSH", 7) => ("meddelandets tid", "time of message"),
            (b"MSH", 9) => ("meddelandetyp", "message type"),
            (b"MSH", 10) => ("meddelandets id", "message control id"),
            (b"MSH", 11) => ("driftläge", "processing id"),
            (b"MSH", 12) => ("HL7-version", "HL7 version"),
            (b"MSH", 18) => ("teckenuppsättning", "character set"),
            (b"EVN", 1) => ("händelsekod", "event code"),
            (b"EVN", 2) => ("registreringstid", "recorded time"),
            (b"EVN", 6) => ("händelsetid", "time of event"),
            (b"PID", 3) => ("patientens identitet", "patient identifier"),
            (b"PID", 7) => ("födelsedatum", "date of birth"),
            (b"PID", 29) => ("tid för dödsfall", "time of death"),
            (b"PD1", 3) => ("listad vårdcentral", "listed care centre"),
            (b"MRG", 1) => ("tidigare identitet", "prior patient identifier"),
            (b"PV1", 2) => ("vårdform", "patient class"),
            (b"PV1", 3) => ("vårdavdelning", "ward"),
            (b"PV1", 19) => ("vårdtillfällets id", "visit number"),
            (b"PV1", 44) => ("inskrivningstid", "time of admission"),
            (b"PV1", 45) => ("utskrivningstid", "time of discharge"),
            (b"PV2", 9) => ("beräknad utskrivning", "estimated discharge"),
            _ => return None,
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segment)?;
        if self.sequence > 1 {
            write!(f, "[{}]", self.sequence)?;
        }
        let Some(field) = self.field else {
            return Ok(());
        };
        write!(f, "-{field}")?;
        if let Some(repetition) = self.repetition.filter(|&repetition| repetition > 1) {
            write!(f, "({repetition})")?;
        }
        self.component.map_or(Ok(()), |component| write!(f, ".{component}"))
    }
}
