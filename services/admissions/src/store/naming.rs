//! What cases and their entries are called.
//!
//! It follows from what the hospital sent, so that a message that comes again after the database was
//! restored to an earlier moment makes the case and the entries that the other services know
//! already. A salt that never leaves the database keeps the ids from telling what they follow from.

use std::collections::BTreeSet;

use contracts::{CaseId, CaseRef};
use sqlx::PgConnection;
use uuid::Uuid;

use super::cases::Key;
use super::messages::Identity;

/// How many short names a stay could have: the first that is nobody else's is given.
const CHOICE: u32 = 4;

/// Gives names.
pub(crate) struct Names {
    salt: Uuid,
    /// Short names that stays have.
    taken: BTreeSet<String>,
}

impl Names {
    pub(crate) async fn load(tx: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let salt = sqlx::query_scalar!("select salt from naming").fetch_one(tx).await?;
        Ok(Self { salt, taken: BTreeSet::new() })
    }

    /// Looks up which short names of these stays chance has given to others. Nearly always none, so
    /// this is for a second try.
    pub(crate) async fn load_taken(
        &mut self,
        tx: &mut PgConnection,
        keys: &[Key],
    ) -> Result<(), sqlx::Error> {
        let refs = keys.iter().flat_map(|key| self.refs(key)).map(CaseRef::compact);
        let refs: Vec<String> = refs.collect();
        let taken = sqlx::query_scalar!(
            "select case_ref from hospital_case where case_ref = any($1)",
            &refs
        );
        self.taken = taken.fetch_all(tx).await?.into_iter().collect();
        Ok(())
    }

    fn derive(&self, parts: &[&[u8]]) -> Uuid {
        let mut all = Vec::new();
        for part in parts {
            all.extend_from_slice(&part.len().to_be_bytes());
            all.extend_from_slice(part);
        }
        Uuid::new_v5(&self.salt, &all)
    }

    /// The id of a stay.
    pub(crate) fn case_id(&self, (hospital, key): &Key) -> CaseId {
        CaseId(self.derive(&[b"case", hospital.as_str().as_bytes(), key]))
    }

    /// The short name of a new stay.
    pub(crate) fn case_ref(&self, key: &Key) -> CaseRef {
        let free = self.refs(key).find(|one| !self.taken.contains(&one.compact()));
        free.unwrap_or_else(|| self.nth_ref(key, 0))
    }

    fn refs(&self, key: &Key) -> impl Iterator<Item = CaseRef> {
        (0..CHOICE).map(|n| self.nth_ref(key, n))
    }

    fn nth_ref(&self, (hospital, key): &Key, n: u32) -> CaseRef {
        let id = self.derive(&[b"ref", hospital.as_str().as_bytes(), key, &n.to_be_bytes()]);
        CaseRef::from_random(id.as_u128())
    }

    /// From what the ids of a message's entries follow.
    pub(crate) fn message(&self, message: &Identity<'_>) -> Uuid {
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

    fn names(salt: u128) -> Names {
        Names { salt: Uuid::from_u128(salt), taken: BTreeSet::new() }
    }

    #[test]
    fn the_same_stay_has_the_same_names_and_another_has_others() {
        let (names, stay) = (names(1), key("SE2321000180-1001", b"1"));
        assert_eq!(names.case_id(&stay), names.case_id(&stay.clone()));
        assert_eq!(names.case_ref(&stay), names.case_ref(&stay.clone()));
        for other in [key("SE2321000180-1002", b"1"), key("SE2321000180-1001", b"2")] {
            assert_ne!(names.case_id(&stay), names.case_id(&other));
            assert_ne!(names.case_ref(&stay), names.case_ref(&other));
        }
        assert_ne!(names.case_id(&stay), self::names(2).case_id(&stay));
    }

    #[test]
    fn a_short_name_that_chance_has_given_to_another_is_not_given_again() {
        let (mut names, stay) = (names(1), key("SE2321000180-1001", b"1"));
        let mut given = BTreeSet::new();
        for _ in 0..CHOICE {
            assert!(given.insert(names.case_ref(&stay).compact()));
            names.taken.clone_from(&given);
        }
    }
}
