//! Ids, each a type of its own so that none can be taken for another.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A case: one stay in hospital (vårdtillfälle).
    CaseId
);
id!(
    /// One dated entry in a snapshot: a judgement, a reception, an appointment, a step.
    EntryId
);
id!(
    /// A duty in the ledger. Derived from (case, rule, owner, triggering entry), see
    /// [`ObligationId::derive`].
    ObligationId
);
id!(
    /// One logical alert: one cause told to one recipient.
    AlertId
);
id!(
    /// One contact point of a unit: an e-mail address or a phone number with a role.
    ContactPointId
);
id!(
    /// One published event; also the broker's message id.
    EventId
);
id!(
    /// One command. The same id gets the same answer.
    CommandId
);

/// Namespace of all derived ids; an arbitrary constant that must never change.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d1c_3f0e_7a52_4c0b_9b1e_8f3d_6a2e_4710);

/// The same parts give the same id, on every machine, for ever.
fn derive(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes())
}

impl ObligationId {
    /// The identity of a duty: who owes what, by which rule, because of which entry.
    #[must_use]
    pub fn derive(case: CaseId, rule: &str, owner: &str, trigger: EntryId) -> Self {
        Self(derive(&["obligation", &case.to_string(), rule, owner, &trigger.to_string()]))
    }
}

impl EntryId {
    /// An entry that follows from other entries, such as a step of a duty: recomputing it gives the
    /// same id.
    #[must_use]
    pub fn derive(kind: &str, parts: &[&str]) -> Self {
        let mut all = vec![kind];
        all.extend_from_slice(parts);
        Self(derive(&all))
    }
}

impl AlertId {
    /// One logical alert per cause and recipient.
    #[must_use]
    pub fn derive(cause: EntryId, recipient: ContactPointId) -> Self {
        Self(derive(&["alert", &cause.to_string(), &recipient.to_string()]))
    }
}

impl ContactPointId {
    /// A contact point is its unit, its role and the name that the import gives it, so that the
    /// same file imported again changes nothing.
    #[must_use]
    pub fn derive(unit: &crate::HsaId, role: &str, name: &str) -> Self {
        Self(derive(&["contact-point", unit.as_str(), role, name]))
    }
}

/// The short name of a case that people can read out on the phone: eight characters without
/// look-alikes, written `K7M2-9QXD`. Mails and SMS name this and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseRef([u8; 8]);

impl CaseRef {
    /// Digits and letters that cannot be mistaken for one another: no 0 1 I L O U.
    pub const ALPHABET: &'static [u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// A reference from random bits. 30^8 references exist; the owner of cases guards that no two
    /// cases share one.
    #[must_use]
    pub fn from_random(bits: u128) -> Self {
        let mut rest = bits;
        Self(std::array::from_fn(|_| {
            let at = usize::try_from(rest % 30).unwrap_or(0);
            rest /= 30;
            Self::ALPHABET.get(at).copied().unwrap_or(b'2')
        }))
    }

    /// The eight characters without the hyphen, as stored.
    #[must_use]
    pub fn compact(self) -> String {
        self.0.iter().map(|byte| char::from(*byte)).collect()
    }
}

impl fmt::Display for CaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.compact();
        let (left, right) = text.split_at(4);
        write!(f, "{left}-{right}")
    }
}

impl fmt::Debug for CaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no case reference.
#[derive(Debug, thiserror::Error)]
#[error("a case reference is eight letters and digits like K7M2-9QXD, without 0, 1, I, L, O and U")]
pub struct InvalidCaseRef;

impl FromStr for CaseRef {
    type Err = InvalidCaseRef;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: Vec<u8> = text
            .bytes()
            .filter(|byte| *byte != b'-' && *byte != b' ')
            .map(|byte| byte.to_ascii_uppercase())
            .collect();
        let bytes: [u8; 8] = bytes.try_into().map_err(|_| InvalidCaseRef)?;
        if bytes.iter().all(|byte| Self::ALPHABET.contains(byte)) {
            Ok(Self(bytes))
        } else {
            Err(InvalidCaseRef)
        }
    }
}

crate::hsa::text_type!(CaseRef, "^[2-9A-HJKMNP-TV-Z]{4}-?[2-9A-HJKMNP-TV-Z]{4}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_reference_reads_back_however_it_is_typed() {
        let reference = CaseRef::from_random(0x1234_5678_9abc_def0_1122_3344_5566_7788);
        let shown = reference.to_string();
        assert_eq!(shown.len(), 9);
        assert_eq!(shown.parse::<CaseRef>().unwrap(), reference);
        assert_eq!(shown.to_lowercase().replace('-', " ").parse::<CaseRef>().unwrap(), reference);
    }

    #[test]
    fn look_alikes_are_refused_in_a_case_reference() {
        for text in ["K7M2-9QX0", "K7M2-9QXI", "K7M2-9QX", "K7M2-9QXDD", ""] {
            assert!(text.parse::<CaseRef>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_identity_of_a_duty_depends_on_each_of_its_parts() {
        let (case, entry) = (CaseId(Uuid::from_u128(1)), EntryId(Uuid::from_u128(2)));
        let id = ObligationId::derive(case, "K06", "open_care", entry);
        assert_eq!(id, ObligationId::derive(case, "K06", "open_care", entry));
        assert_ne!(id, ObligationId::derive(case, "K07", "open_care", entry));
        assert_ne!(id, ObligationId::derive(case, "K06", "municipality", entry));
        assert_ne!(id, ObligationId::derive(case, "K06", "open_care", EntryId(Uuid::from_u128(3))));
    }
}
