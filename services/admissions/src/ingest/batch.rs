//! One batch in one transaction.

mod fates;
mod merged;
mod stays;

use chrono::{DateTime, Utc};
use contracts::{CaseId, CaseRef};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use self::fates::{Fate, fates};
use self::stays::Stays;
use super::IngestError;
use crate::domain::apply::{Declined, Ids, apply};
use crate::hospital_message::Kind;
use crate::inbound::{Channel, Form, Inbound};
use crate::outcome::{Fault, Outcome, Verdict};
use crate::profile::Senders;
use crate::reading::{Content, Read, fault_of, read};
use crate::store::cases::Key;
use crate::store::kept;
use crate::store::messages::{self, Identity, Kept, Known};
use crate::store::naming::Names;

/// How much is kept of what an unregistered sender sends, in bytes.
const MOST_OF_A_STRANGER: usize = 64 * 1024;

/// Takes in messages that were read, in their order. Fails with [`IngestError::Race`] when it must
/// be rolled back and done again.
pub(super) async fn take_in(
    tx: &mut PgConnection,
    senders: &Senders,
    batch: &[Inbound],
    reads: &[Read<'_>],
    arrival: Arrival,
    now: DateTime<Utc>,
) -> Result<Vec<Outcome>, IngestError> {
    let digests = digests(batch);
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
    let looked_at: Vec<&Item<'_>> = looked_at.map(|(item, _)| item).collect();
    let keys: Vec<Key> = looked_at.iter().filter_map(|item| item.read.key()).collect();
    let mut names = Names::load(tx).await?;
    if arrival != Arrival::New {
        names.load_taken(tx, &keys).await?;
    }
    let concerned = merged::take_in(tx, &looked_at, &names, now).await?;
    let mut stays = Stays::lock(tx, keys, concerned).await?;
    let mut handled: Vec<Handled<'_>> = (items.into_iter().zip(fates))
        .map(|(item, fate)| {
            let decided = decide(&item, &fate, &mut stays, &names, now);
            Handled { item, fate, decided, is_again: arrival == Arrival::Replayed }
        })
        .collect();
    let ids: Vec<Uuid> = handled.iter().map(Handled::id).collect();
    let waited = kept::lock_waiting(tx, &stays.opened(), &ids).await?;
    let waited_reads: Vec<Read<'_>> = waited.iter().map(|kept| read(senders, kept, now)).collect();
    let waited_digests = self::digests(&waited);
    let waited = waited.iter().zip(&waited_reads).zip(&waited_digests);
    handled.extend(waited.map(|((kept, read), digest)| Handled::waited(kept, read, digest)));
    join(&mut handled, batch.len(), &mut stays, &names, now);
    stays.save(tx, senders.frequent_stays, now).await?;
    keep(tx, &handled).await?;
    Ok(outcomes(handled.iter().take(batch.len())))
}

/// What is known of messages, in the order given.
pub(super) async fn find_known(
    connection: &mut PgConnection,
    senders: &Senders,
    messages: &[Inbound],
    now: DateTime<Utc>,
) -> Result<Vec<Known>, sqlx::Error> {
    let (reads, digests) = (messages.iter().map(|m| read(senders, m, now)), digests(messages));
    let reads: Vec<Read<'_>> = reads.collect();
    let identities: Vec<Identity<'_>> =
        messages.iter().zip(&reads).zip(&digests).map(|((i, r), d)| identity(i, r, d)).collect();
    messages::find_known(connection, &identities).await
}

/// Takes in what waited for a stay that was opened just now: messages of the batch that came before
/// their admission, and (after those that `came`) such as had come earlier, all in the order of their
/// own times.
fn join(
    handled: &mut [Handled<'_>],
    came: usize,
    stays: &mut Stays,
    names: &Names,
    now: DateTime<Utc>,
) {
    let is_known =
        |one: &Handled<'_>| one.decided.waits_for.as_ref().is_some_and(|key| stays.is_known(key));
    let late = handled.iter_mut().enumerate().filter(|(at, one)| *at >= came || is_known(one));
    let mut late: Vec<_> = late.map(|(_, one)| one).collect();
    late.sort_by_key(|one| one.item.read.stated_at());
    for one in late {
        one.decided = decide(&one.item, &one.fate, stays, names, now);
    }
}

/// Whether messages have just come, or lie here already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// They have just come.
    New,
    /// They have just come, and somebody else got in first when they were tried.
    NewAgain,
    /// They were kept, and are handled once more.
    Replayed,
}

fn digests(messages: &[Inbound]) -> Vec<Vec<u8>> {
    messages.iter().map(|inbound| Sha256::digest(&inbound.body).to_vec()).collect()
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

/// What was decided about a message that was looked at.
struct Decided {
    verdict: Verdict,
    faults: Vec<Fault>,
    case: Option<(CaseId, CaseRef)>,
    /// The stay that is not known yet and without which it cannot be used.
    waits_for: Option<Key>,
}

/// A message on its way through the batch.
struct Handled<'b> {
    item: Item<'b>,
    fate: Fate,
    decided: Decided,
    /// It was kept, and is handled once more without having come again.
    is_again: bool,
}

impl<'b> Handled<'b> {
    /// A kept message that waited for a stay of the batch.
    fn waited(inbound: &'b Inbound, read: &'b Read<'b>, digest: &'b [u8]) -> Self {
        let known = Known { before: None, other_body: false };
        Self {
            item: Item { inbound, read, identity: identity(inbound, read, digest), known },
            fate: Fate::Look { id: inbound.id, flagged: false, is_kept: true },
            decided: Decided::plain(Verdict::Refused, Vec::new()),
            is_again: true,
        }
    }

    /// The id that the message has here.
    fn id(&self) -> Uuid {
        match self.fate {
            Fate::Look { id, .. } | Fate::Known { id, .. } => id,
            Fate::SameAs(_) => self.item.inbound.id,
        }
    }
}

impl Decided {
    const fn plain(verdict: Verdict, faults: Vec<Fault>) -> Self {
        Self { verdict, faults, case: None, waits_for: None }
    }
}

fn decide(
    item: &Item<'_>,
    fate: &Fate,
    stays: &mut Stays,
    names: &Names,
    now: DateTime<Utc>,
) -> Decided {
    let plain = Decided::plain;
    if matches!(fate, Fate::Known { .. } | Fate::SameAs(_)) {
        return plain(Verdict::Accepted, Vec::new());
    }
    let (message, warnings) = match &item.read.content {
        Content::NotUsed(why) => return plain(Verdict::NotUsed, vec![why.clone()]),
        Content::Refused(faults) => return plain(Verdict::Refused, faults.clone()),
        Content::Use { message, warnings } => (message, warnings),
    };
    if message.kind == Kind::Merge {
        // It was remembered already, and what follows from it is found when the stays are saved.
        return plain(Verdict::Accepted, warnings.clone());
    }
    let Some((sender, key)) = item.read.sender.zip(item.read.key()) else {
        return plain(Verdict::NotUsed, Vec::new());
    };
    let ids = Ids {
        message: names.message(&item.identity),
        case: names.case_id(&key),
        case_ref: names.case_ref(&key),
        hospital: sender.hospital.clone(),
    };
    let applied = apply(stays.known(&key), message, &ids, now);
    match applied {
        Ok(applied) => {
            let case = Some((applied.stay.case.case_id, applied.stay.case.case_ref));
            stays.put(key, applied, item.inbound.trace);
            Decided { case, ..plain(Verdict::Accepted, warnings.clone()) }
        }
        Err(declined) => {
            let fault = vec![fault_of(declined, item.inbound.form)];
            match declined {
                Declined::NotInpatient => plain(Verdict::NotUsed, fault),
                Declined::UnknownStay => {
                    Decided { waits_for: Some(key), ..plain(Verdict::Refused, fault) }
                }
            }
        }
    }
}

/// Keeps what is new, and notes what became of what was looked at again.
async fn keep(tx: &mut PgConnection, handled: &[Handled<'_>]) -> Result<(), IngestError> {
    let (mut new, mut again) = (Vec::new(), Vec::new());
    for one in handled {
        match &one.fate {
            Fate::Look { id, flagged, is_kept } => {
                let kept = one.kept(*id, *flagged);
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

impl Handled<'_> {
    fn kept(&self, id: Uuid, flagged: bool) -> Kept<'_> {
        let Self { item: Item { inbound, read, identity, .. }, decided, .. } = self;
        let body = inbound.body.as_ref();
        // Whoever is not registered is not to fill the database.
        let short = body.get(..MOST_OF_A_STRANGER).filter(|_| read.sender.is_none());
        let is_due = self.is_again
            && inbound.channel == Channel::Nats
            && decided.verdict != Verdict::Refused;
        Kept {
            inbound,
            id,
            form: if short.is_some() { Form::Truncated } else { inbound.form },
            body: short.unwrap_or(body),
            sender: read.sender.map(|sender| sender.token.as_str()),
            control_id: read.control_id.as_deref(),
            digest: identity.digest,
            verdict: decided.verdict.as_str(),
            faults: decided.faults.iter().map(Fault::reason).collect(),
            case: decided.case.map(|(id, _)| id),
            waits_for: decided.waits_for.as_ref(),
            receipt_due: is_due.then(chassis::new_id),
            flagged,
        }
    }
}

fn outcomes<'h>(handled: impl Iterator<Item = &'h Handled<'h>>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for Handled { item, fate, decided, .. } in handled {
        let warnings = || match &item.read.content {
            Content::Use { warnings, .. } => warnings.clone(),
            Content::NotUsed(_) | Content::Refused(_) => Vec::new(),
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
            Fate::Known { id, case_ref, flagged } => {
                outcome(*id, true, *flagged, *case_ref, warnings())
            }
            Fate::SameAs(earlier) => match outcomes.get(*earlier) {
                Some(earlier) => Outcome { duplicate: true, ..earlier.clone() },
                None => outcome(item.inbound.id, true, false, None, warnings()),
            },
        };
        outcomes.push(outcome);
    }
    outcomes
}
