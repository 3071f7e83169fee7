//! What cases and their entries are called.
//!
//! It follows from what the hospital sent, so that a message that comes again after the database was
//! restored to an earlier moment makes the case and the entries that the other services know
//! already. A salt that never leaves the database keeps the ids from telling what they follow from.

use contracts::{CaseId, CaseRef};
use sqlx::PgConnection;
use uuid::Uuid;

use super::cases::Key;
use super::messages::Identity;

/// Gives names.
#[derive(Clone, Copy)]
pub(crate) struct Names(Uuid);

impl Names {
    pub(crate) async fn load(tx: &mut PgConnection) -> Result<Self, sqlx::Error> {
        sqlx::query_scalar!("select salt from naming").fetch_one(tx).await.map(Self)
    }

    fn derive(self, parts: &[&[u8]]) -> Uuid {
        let mut all = Vec::new();
        for part in parts {
            all.extend_from_slice(&part.len().to_be_bytes());
            all.extend_from_slice(part);
        }
        Uuid::new_v5(&self.0, &all)
    }

    /// The id of a stay.
    pub(crate) fn case_id(self, (hospital, key): &Key) -> CaseId {
        CaseId(self.derive(&[b"case", hospital.as_str().as_bytes(), key]))
    }

    /// The short name of a stay. Chance may have given it to another: then it is asked for once more.
    pub(crate) fn case_ref(self, (hospital, key): &Key, once_more: u32) -> CaseRef {
        let again = once_more.to_be_bytes();
        let id = self.derive(&[b"ref", hospital.as_str().as_bytes(), key, &again]);
        CaseRef::from_random(id.as_u128())
    }

    /// From what the ids of a message's entries follow.
    pub(crate) fn message(self, message: &Identity<'_>) -> Uuid {
        let Identity { sender, control_id, digest } = message;
        self.derive(&[b"message", sender.as_bytes(), control_id.as_bytes(), digest])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(hospital: &str, key: &[u8]) -> Key {
        (hospital.parse().unwrap(), key.to_vec())
    }

    #[test]
    fn the_same_stay_has_the_same_names_and_another_has_others() {
        let names = Names(Uuid::from_u128(1));
        let stay = key("SE2321000180-1001", b"1");
        assert_eq!(names.case_id(&stay), names.case_id(&stay.clone()));
        assert_eq!(names.case_ref(&stay, 0), names.case_ref(&stay.clone(), 0));
        assert_ne!(names.case_ref(&stay, 0), names.case_ref(&stay, 1));
        for other in [key("SE2321000180-1002", b"1"), key("SE2321000180-1001", b"2")] {
            assert_ne!(names.case_id(&stay), names.case_id(&other));
            assert_ne!(names.case_ref(&stay, 0), names.case_ref(&other, 0));
        }
        assert_ne!(names.case_id(&stay), Names(Uuid::from_u128(2)).case_id(&stay));
    }
}
