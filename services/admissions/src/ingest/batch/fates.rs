//! What is to become of the messages of a batch, as far as it follows from whether they came before.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use contracts::CaseRef;
use uuid::Uuid;

use super::Item;
use crate::outcome::Verdict;
use crate::store::messages::Identity;

/// What is to become of a message, before its content is looked at.
pub(super) enum Fate {
    /// It is new, or was not acted on when it came before: then it goes under the id that it had.
    Look { id: Uuid, flagged: bool, is_kept: bool },
    /// It was acted on when it came before.
    Known { id: Uuid, case_ref: Option<CaseRef>, flagged: bool },
    /// It is the same as an earlier one of the batch.
    SameAs(usize),
}

/// The fates of a batch, in its order.
pub(super) fn fates(items: &[Item<'_>]) -> Vec<Fate> {
    let mut first: HashMap<(&str, &str, &[u8]), usize> = HashMap::new();
    let mut bodies: HashMap<(&str, &str), &[u8]> = HashMap::new();
    let mut fates = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let Identity { sender, control_id, digest } = item.identity;
        let earlier = match first.entry((sender, control_id, digest)) {
            Entry::Occupied(earlier) => Some(*earlier.get()),
            Entry::Vacant(free) => {
                free.insert(at);
                None
            }
        };
        let other = *bodies.entry((sender, control_id)).or_insert(digest) != digest;
        let flagged = item.known.other_body || (!control_id.is_empty() && other);
        fates.push(match (earlier, &item.known.before) {
            (Some(earlier), _) => Fate::SameAs(earlier),
            (None, Some(before)) if before.verdict == Some(Verdict::Accepted) => {
                Fate::Known { id: before.id, case_ref: before.case_ref, flagged: before.flagged }
            }
            (None, Some(before)) => Fate::Look { id: before.id, flagged, is_kept: true },
            (None, None) => Fate::Look { id: item.inbound.id, flagged, is_kept: false },
        });
    }
    fates
}
