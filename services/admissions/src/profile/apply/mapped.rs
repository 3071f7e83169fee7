//! What only the sender's profile knows the place of: the judgement of need, and markers.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::{Party, StaffId};

use super::Reader;
use crate::hl7::{Dtm, FieldFault, FieldPath};
use crate::hospital_message::NeedStatement;
use crate::profile::{Marker, NeedMapping};
use crate::stated::Stated;
use crate::when::When;

impl Reader<'_> {
    pub(super) fn need(&mut self) -> Stated<NeedStatement> {
        let Some(mapping) = &self.profile.need else {
            return Stated::Absent;
        };
        let frequent = mapping.frequent_patient.as_ref().and_then(|marker| self.marked(marker));
        let parties = self.parties(mapping);
        let is_said = frequent == Some(true) && parties.is_absent();
        let parties = if is_said { Stated::Value(BTreeSet::new()) } else { parties };
        let noticed_at = mapping.noticed_at.as_ref().and_then(|path| self.instant(path));
        let judged_by = mapping.judged_by.as_ref().and_then(|path| self.staff(path));
        parties.map(|parties| NeedStatement {
            parties,
            frequent_patient: frequent.unwrap_or(false),
            noticed_at,
            judged_by,
        })
    }

    /// The parties of all repetitions together, each once.
    fn parties(&mut self, mapping: &NeedMapping) -> Stated<BTreeSet<Party>> {
        let mut stated = Stated::Absent;
        for (place, part) in self.adt.message.at(&mapping.field) {
            match part.stated() {
                Stated::Absent => {}
                Stated::Removed => stated = stated.or(Stated::Removed),
                // As many faults are told; a megabyte of wrong codes is not to fill the memory.
                Stated::Value(_) if self.faults.len() > FieldFault::MOST => break,
                Stated::Value(code) => {
                    let Some(parties) = mapping.codes.get(&code) else {
                        self.faults.push(FieldFault::unknown_code(place));
                        continue;
                    };
                    let mut all: BTreeSet<Party> = stated.into_value().unwrap_or_default();
                    all.extend(parties.iter().copied().map(Party::from));
                    stated = Stated::Value(all);
                }
            }
        }
        stated
    }

    /// Whether the admission was planned; what the profile does not name says nothing of it.
    pub(super) fn planned(&self) -> Stated<bool> {
        let Some(types) = &self.profile.admission_type else {
            return Stated::Absent;
        };
        self.first(&types.field).and_then(|code| {
            let is_planned = types.planned.contains(&code);
            (is_planned || types.unplanned.contains(&code)).then_some(is_planned)
        })
    }

    /// What the first repetition that says anything says at a path.
    pub(super) fn first(&self, path: &FieldPath) -> Stated<String> {
        let mut stated = self.adt.message.at(path).map(|(_, part)| part.stated());
        stated.find(|stated| !stated.is_absent()).unwrap_or_default()
    }

    /// A member of staff. Many systems have only ids of their own, which is no reason to refuse.
    fn staff(&mut self, path: &FieldPath) -> Option<StaffId> {
        let id = self.first(path).into_value()?.parse().ok();
        if id.is_none() {
            let fault = FieldFault::unknown_key(path.location());
            self.warnings.push(fault.as_warning());
        }
        id
    }

    fn instant(&mut self, path: &FieldPath) -> Option<DateTime<Utc>> {
        let text = self.first(path).into_value()?;
        if let Some(When::Instant(at)) = Dtm::parse(&text).ok().and_then(Dtm::when) {
            return Some(at);
        }
        self.faults.push(FieldFault::bad_time(path.location()));
        None
    }

    /// Whether the field holds one of the values; `None` where it says nothing.
    pub(super) fn marked(&self, marker: &Marker) -> Option<bool> {
        let mut said = None;
        for (_, part) in self.adt.message.at(&marker.field) {
            match part.stated() {
                Stated::Absent => {}
                Stated::Removed => said = said.or(Some(false)),
                Stated::Value(value) => {
                    said = Some(said == Some(true) || marker.values.contains(&value));
                }
            }
        }
        said
    }
}
