//! Reading what was written, on behalf of a named person and unit. Every reading is noted, and the
//! answer is stored nowhere. What others wrote is shown as far as the patient allows.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use contracts::assignment::{Message, PlanningEntry};
use contracts::commands::{
    AnnexContent, Command as _, EntryText, MessageContent, ReadAnnex, ReadEntries, ReadMessages,
    Refusal, Written,
};
use contracts::{Assignment, Case, CaseId, EntryId, HsaId, Party, Stamp};
use messaging::{Answer, Call, CommandError, Outgoing, access, answer, outbox};
use sqlx::PgConnection;

use super::no_such_case;
use crate::domain::cooperation::{Acting, messages};
use crate::store::{self, texts};

pub(super) async fn serve(tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
    match call.verb.as_str() {
        ReadEntries::VERB => answer(&read_entries(tx, call, call.read()?).await?),
        ReadMessages::VERB => answer(&read_messages(tx, call, call.read()?).await?),
        ReadAnnex::VERB => answer(&read_annex(tx, call, call.read()?).await?),
        _ => Err(super::unknown_verb().into()),
    }
}

/// A case as it stands, locked, with the reading noted.
struct Opened {
    case: Case,
    assignment: Assignment,
    unit: HsaId,
    now: DateTime<Utc>,
}

impl Opened {
    async fn open(tx: &mut PgConnection, call: &Call, case: CaseId) -> Result<Self, CommandError> {
        let actor = call.actor()?;
        let known = store::lock_case(tx, case).await?.ok_or_else(no_such_case)?;
        let assignment = store::find_assignment(tx, case).await?;
        let assignment = assignment.unwrap_or_else(|| Assignment::new(case));
        let opened = Self { case: known, assignment, unit: actor.unit.clone(), now: call.now };
        opened.acting()?;
        access::note(tx, call, [case]).await?;
        Ok(opened)
    }

    fn acting(&self) -> Result<Acting<'_>, Refusal> {
        Acting::new(&self.case, &self.assignment, &self.unit)
    }
}

/// Something that was written, as it stands in the snapshot.
struct Entry<'a> {
    stamp: &'a Stamp,
    party: Party,
    unit: &'a HsaId,
    corrects: Option<EntryId>,
    withdrawn: Option<&'a Stamp>,
}

impl<'a> Entry<'a> {
    const fn new(stamp: &'a Stamp, party: Party, unit: &'a HsaId) -> Self {
        Self { stamp, party, unit, corrects: None, withdrawn: None }
    }

    fn of(entry: &'a PlanningEntry) -> Self {
        let withdrawn = entry.withdrawn.as_ref();
        let corrects = entry.corrects;
        Self { corrects, withdrawn, ..Self::new(&entry.stamp, entry.party, &entry.unit) }
    }

    fn of_message(message: &'a Message) -> Self {
        let withdrawn = message.withdrawn.as_ref();
        let corrects = message.corrects;
        Self { corrects, withdrawn, ..Self::new(&message.stamp, message.party, &message.unit) }
    }

    /// With its text, when the unit may read it.
    fn written<T>(
        &self,
        texts: &mut HashMap<EntryId, T>,
        acting: Acting<'_>,
        now: DateTime<Utc>,
    ) -> Written<T> {
        let text = texts.remove(&self.stamp.id);
        Written {
            entry: self.stamp.id,
            at: self.stamp.recorded_at,
            by: self.stamp.by.clone(),
            party: self.party,
            unit: self.unit.clone(),
            content: text.filter(|_| acting.may_read(self.party, now)),
            corrects: self.corrects,
            withdrawn_at: self.withdrawn.map(|stamp| stamp.recorded_at),
        }
    }
}

async fn read_entries(
    tx: &mut PgConnection,
    call: &Call,
    ReadEntries { case }: ReadEntries,
) -> Result<Vec<Written<EntryText>>, CommandError> {
    let opened = Opened::open(tx, call, case).await?;
    let cooperation = &opened.assignment.cooperation;
    let mut entries: Vec<Entry<'_>> = cooperation.entries.iter().map(Entry::of).collect();
    for change in &cooperation.track_changes {
        let withdrawn = change.withdrawn.as_ref();
        let proposal = Entry::new(&change.stamp, change.party, &change.unit);
        entries.push(Entry { withdrawn, ..proposal });
        let answers = change.answers.iter();
        entries.extend(answers.map(|answer| Entry::new(&answer.stamp, answer.party, &answer.unit)));
    }
    entries.sort_by_key(|entry| entry.stamp.recorded_at);
    let mut texts = texts::load_texts(tx, entries.iter().map(|entry| entry.stamp.id)).await?;
    let (acting, now) = (opened.acting()?, opened.now);
    Ok(entries.iter().map(|entry| entry.written(&mut texts, acting, now)).collect())
}

async fn read_messages(
    tx: &mut PgConnection,
    call: &Call,
    ReadMessages { case }: ReadMessages,
) -> Result<Vec<Written<MessageContent>>, CommandError> {
    let mut opened = Opened::open(tx, call, case).await?;
    let (acting, now) = (opened.acting()?, opened.now);
    let all = opened.assignment.cooperation.messages.iter();
    let own: Vec<&Message> = all.filter(|m| messages::takes_part(m, acting.party)).collect();
    let mut texts = texts::load_texts(tx, own.iter().map(|message| message.stamp.id)).await?;
    let written: Vec<_> = own
        .iter()
        .map(|message| Entry::of_message(message).written(&mut texts, acting, now))
        .collect();
    let shown: BTreeSet<EntryId> =
        written.iter().filter(|one| one.content.is_some()).map(|one| one.entry).collect();
    note_readers(tx, call, &mut opened, &shown).await?;
    Ok(written)
}

/// The first reading of a unit is its receipt, under an id of its own for each message and unit: a
/// restored database makes the same one again.
async fn note_readers(
    tx: &mut PgConnection,
    call: &Call,
    opened: &mut Opened,
    shown: &BTreeSet<EntryId>,
) -> Result<(), CommandError> {
    let staff = call.actor()?.staff.clone();
    let stamp = |message: EntryId| {
        let id = EntryId::derive("message_read", &[&message.to_string(), opened.unit.as_str()]);
        Stamp::now(id, opened.now, Some(staff.clone()))
    };
    let acting = Acting::new(&opened.case, &opened.assignment, &opened.unit)?;
    let mut after = opened.assignment.clone();
    if !messages::read(acting, &mut after, shown, stamp) {
        return Ok(());
    }
    store::save_assignments(tx, std::slice::from_ref(&after)).await?;
    let snapshot = Outgoing::new(&after, "message_read", opened.case.live(), call.trace)?;
    Ok(outbox::put(tx, vec![snapshot], call.now).await?)
}

async fn read_annex(
    tx: &mut PgConnection,
    call: &Call,
    ReadAnnex { case, annex }: ReadAnnex,
) -> Result<AnnexContent, CommandError> {
    let opened = Opened::open(tx, call, case).await?;
    let mut annexes = opened.assignment.cooperation.annexes.iter();
    let entry = annexes.find(|one| one.stamp.id == annex).ok_or_else(no_such_annex)?;
    if !opened.acting()?.may_read(entry.party, opened.now) {
        return Err(no_consent().into());
    }
    let kept = texts::find_annex(tx, case, annex).await?.ok_or_else(no_such_annex)?;
    let content = STANDARD.encode(kept.content);
    Ok(AnnexContent { name: kept.name, media_type: kept.media_type, content })
}

fn no_such_annex() -> Refusal {
    Refusal::new(
        "no_such_annex",
        "Det finns ingen sådan bilaga i ärendet.",
        "There is no such annex in the case.",
    )
    .at("/annex")
}

fn no_consent() -> Refusal {
    Refusal::new(
        "no_consent",
        "Patienten har inte samtyckt till att parten får veta det.",
        "The patient has not consented to the party's knowing.",
    )
}
