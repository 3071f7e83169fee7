//! What a hospital's system knows of the patient after something that it says: many of them say all of
//! it again with every message.

use super::act::{Act, Said, Step};
use super::person::Number;
use super::places::Ward;
use super::plan;
use super::stay::{Protected, Stay};

/// How it stands with a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Where the patient lies.
    pub(crate) ward: &'static Ward,
    pub(crate) number: Number,
    pub(crate) address: String,
    pub(crate) is_protected: bool,
}

impl Standing {
    /// After a step.
    pub(crate) fn after(stay: &Stay, step: &Step) -> Self {
        let person = &stay.person;
        let mut standing = Self {
            ward: stay.ward,
            number: person.number.clone(),
            address: format!("{} {}", person.street, person.house),
            is_protected: stay.protected == Some(Protected::FromTheStart),
        };
        for done in plan::of(stay).into_iter().take(step.order + 1) {
            if let Act::Hospital(said) = done.act {
                standing.hears(stay, &said);
            }
        }
        standing
    }

    fn hears(&mut self, stay: &Stay, said: &Said) {
        match said {
            Said::Transferred(ward) => self.ward = ward,
            Said::Corrected => {
                self.address = format!("{} {}", stay.person.street, stay.person.house + 1);
            }
            Said::Identified => {
                if let Some(found) = stay.found {
                    self.number = Number::Personal(found);
                }
            }
            Said::Protected => self.is_protected = true,
            _ => {}
        }
    }
}
