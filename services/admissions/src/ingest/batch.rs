//! One batch in one transaction.

mod stays;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use contracts::{CaseId, CaseRef};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use self::stays::Stays;
use super::IngestError;
use crate::domain::apply::{Ids, apply};
use crate::inbound::Inbound;
use crate::outcome::{Fault, Outcome, Verdict};
use crate::profile::SenderProfile;
use crate::reading::{Content, Read, fault_of, key_digest};
use crate::store::cases::Key;
use crate::store::messages::{self, Identity, Kept, Known};

/// Takes in messages that were read, in their order. Fails with [`IngestError::Race`] when it must
/// be rolled back and done again.
pub(super) async fn take_in(
    tx: &mut PgConnection,
    batch: &[Inbound],
    reads: &[Read<'_>],
    arrival: Arrival,
    now: DateTime<Utc>,
) -> Result<Vec<Outcome>, IngestError> {
    let digests: Vec<Vec<u8>> =
        batch.iter().map(|inbound| Sha256::digest(&inbound.body).to_vec()).collect();
    let identities: Vec<Identity<'_>> =
        batch.iter().zip(reads).zip(&digests).map(|((i, r), d)| identity(i, r, d)).collect();
    let mut known = messages::find_known(tx, &identities).await?;
    if arrival == Arrival::Replayed {
        known.iter_mut().zip(batch).for_each(|(known, inbound)| known.kept_as(inbound.id));
    }
    let items: Vec<Item<'_>> = (batch.iter().zip(reads))
        .zip(identities.into_iter().zip(known))
        .map(|((inbound, read), (identity, known))| Item { inbound, read, identity, known })
        .collect();
    let fates = fates(&items);
    let looked_at = items.iter().zip(&fates).filter(|(_, fate)| matches!(fate, Fate::Look { .. }));
    let keys = looked_at.filter_map(|(item, _)| item.key()).collect();
    let mut stays = Stays::lock(tx, keys).await?;
    let decided: Vec<Decided> =
        items.iter().zip(&fates).map(|(item, fate)| decide(item, fate, &mut stays, now)).collect();
    stays.save(tx, now).await?;
    keep(tx, &items, &fates, &decided).await?;
    Ok(outcomes(&items, &fates, &decided))
}

/// Whether messages have just come, or lie here already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// They have just come.
    New,
    /// They were kept, and are handled once more.
    Replayed,
}

fn identity<'m>(inbound: &'m Inbound, read: &'m Read<'_>, digest: &'m [u8]) -> Identity<'m> {
    let registered = read.sender.map(|sender| sender.token.as_str());
    Identity {
        sender: registered.or(inbound.claimed.as_deref()).unwrap_or_default(),
        control_id: read.control_id.as_deref().unwrap_or_default(),
        digest,
    }
}

struct Item<'b> {
    inbound: &'b Inbound,
    read: &'b Read<'b>,
    identity: Identity<'b>,
    known: Known,
}

/// What is to become of a message, before its content is looked at.
enum Fate {
    /// It is new, or was not acted on when it came before: then it goes under the id that it had.
    Look { id: Uuid, flagged: bool, is_kept: bool },
    /// It was acted on when it came before.
    Known { id: Uuid, case_ref: Option<CaseRef> },
    /// It is the same as an earlier one of the batch.
    SameAs(usize),
}

/// What was decided about a message that was looked at.
struct Decided {
    verdict: Verdict,
    faults: Vec<Fault>,
    case: Option<(CaseId, CaseRef)>,
}

fn fates(items: &[Item<'_>]) -> Vec<Fate> {
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
                Fate::Known { id: before.id, case_ref: before.case_ref }
            }
            (None, Some(before)) => Fate::Look { id: before.id, flagged, is_kept: true },
            (None, None) => Fate::Look { id: item.inbound.id, flagged, is_kept: false },
        });
    }
    fates
}

fn decide(item: &Item<'_>, fate: &Fate, stays: &mut Stays, now: DateTime<Utc>) -> Decided {
    let plain = |verdict, faults| Decided { verdict, faults, case: None };
    let id = match fate {
        Fate::Look { id, .. } => *id,
        Fate::Known { .. } | Fate::SameAs(_) => return plain(Verdict::Accepted, Vec::new()),
    };
    let (message, warnings) = match &item.read.content {
        Content::NotUsed => return plain(Verdict::NotUsed, Vec::new()),
        Content::Refused(faults) => return plain(Verdict::Refused, faults.clone()),
        Content::Use { message, warnings } => (message, warnings),
    };
    let Some((sender, key)) = item.read.sender.zip(item.key()) else {
        return plain(Verdict::NotUsed, Vec::new());
    };
    let applied = apply(stays.known(&key), message, &new_ids(id, sender), now);
    match applied {
        Ok(applied) => {
            let case = Some((applied.stay.case.case_id, applied.stay.case.case_ref));
            stays.put(key, applied, item.inbound.trace);
            Decided { verdict: Verdict::Accepted, faults: warnings.clone(), case }
        }
        Err(declined) => match fault_of(declined, item.inbound.form) {
            Some(fault) => plain(Verdict::Refused, vec![fault]),
            None => plain(Verdict::NotUsed, Vec::new()),
        },
    }
}

fn new_ids(message: Uuid, sender: &SenderProfile) -> Ids {
    Ids {
        message,
        case: CaseId(chassis::new_id()),
        case_ref: CaseRef::from_random(random_bits()),
        hospital: sender.hospital.clone(),
    }
}

/// The low half of a version 7 id, but for the two bits of its variant.
fn random_bits() -> u128 {
    let (_, low) = chassis::new_id().as_u64_pair();
    u128::from(low & (u64::MAX >> 2))
}

impl Item<'_> {
    fn key(&self) -> Option<Key> {
        let (sender, Content::Use { message, .. }) = (self.read.sender?, &self.read.content) else {
            return None;
        };
        Some((sender.hospital.clone(), key_digest(&sender.hospital, &message.case_key)))
    }
}

/// Keeps what is new, and notes what became of what was looked at again.
async fn keep(
    tx: &mut PgConnection,
    items: &[Item<'_>],
    fates: &[Fate],
    decided: &[Decided],
) -> Result<(), IngestError> {
    let (mut new, mut again) = (Vec::new(), Vec::new());
    for ((item, fate), decided) in items.iter().zip(fates).zip(decided) {
        match fate {
            Fate::Look { id, flagged, is_kept } => {
                let kept = item.kept(*id, *flagged, decided);
                if *is_kept { again.push(kept) } else { new.push(kept) }
            }
            Fate::SameAs(_) | Fate::Known { .. } => {}
        }
    }
    new.sort_unstable_by(|a, b| {
        (a.sender, a.control_id, a.digest).cmp(&(b.sender, b.control_id, b.digest))
    });
    if messages::insert(tx, &new).await? < new.len() as u64 {
        return Err(IngestError::Race);
    }
    messages::update(tx, &again).await?;
    Ok(())
}

impl Item<'_> {
    fn kept<'k>(&'k self, id: Uuid, flagged: bool, decided: &Decided) -> Kept<'k> {
        Kept {
            inbound: self.inbound,
            id,
            sender: self.read.sender.map(|sender| sender.token.as_str()),
            control_id: self.read.control_id.as_deref(),
            digest: self.identity.digest,
            verdict: decided.verdict.as_str(),
            faults: decided.faults.iter().map(Fault::reason).collect(),
            case: decided.case.map(|(id, _)| id),
            flagged,
        }
    }
}

fn outcomes(items: &[Item<'_>], fates: &[Fate], decided: &[Decided]) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(items.len());
    for ((item, fate), decided) in items.iter().zip(fates).zip(decided) {
        let warnings = || match &item.read.content {
            Content::Use { warnings, .. } => warnings.clone(),
            Content::NotUsed | Content::Refused(_) => Vec::new(),
        };
        let outcome = |id, duplicate, flagged, case_ref, faults| Outcome {
            id,
            sender: item.read.sender.map(|sender| sender.token.clone()),
            control_id: item.read.control_id.clone(),
            verdict: decided.verdict,
            duplicate,
            flagged,
            case_ref,
            faults,
            header: item.read.header.clone(),
        };
        let outcome = match fate {
            Fate::Look { id, flagged, .. } => {
                let case_ref = decided.case.map(|(_, case_ref)| case_ref);
                outcome(*id, false, *flagged, case_ref, decided.faults.clone())
            }
            Fate::Known { id, case_ref } => outcome(*id, true, false, *case_ref, warnings()),
            Fate::SameAs(earlier) => match outcomes.get(*earlier) {
                Some(earlier) => Outcome { duplicate: true, ..earlier.clone() },
                None => outcome(item.inbound.id, true, false, None, warnings()),
            },
        };
        outcomes.push(outcome);
    }
    outcomes
}
