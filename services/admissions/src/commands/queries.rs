//! Questions. `read_notice` is one too, though it notes who has read: its answer must not be
//! stored, for it names the patient.

use contracts::commands::{
    Command, CompareCases, CountCases, FindCase, FoundCase, ListCases, ListRefused, MOST_KNOWN,
    Notice, ReadNotice, Refusal,
};
use contracts::{EntryId, Stamp};
use messaging::{Answer, Call, CommandError, access, answer};
use sqlx::PgConnection;

use super::{no_such_case, publish};
use crate::domain::notice;
use crate::store::{cases, compare, kept, notices, patients};

/// Rows that are listed unless asked otherwise.
const LISTED: u16 = 100;

pub(super) async fn serve(tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
    match call.verb.as_str() {
        ReadNotice::VERB => answer(&read_notice(tx, call, call.read()?).await?),
        FindCase::VERB => {
            let FindCase { case_ref } = call.read()?;
            let case = cases::find_case(tx, case_ref).await?.ok_or_else(no_such_case)?;
            answer(&FoundCase { case })
        }
        ListCases::VERB => {
            let ListCases { with_need, before, limit } = call.read()?;
            let limit = limit.unwrap_or(LISTED).into();
            let listed = if with_need {
                cases::list_cases_with_need(tx, before, limit).await?
            } else {
                cases::list_cases(tx, before, limit).await?
            };
            answer(&listed)
        }
        ListRefused::VERB => {
            let ListRefused { limit, with_warnings } = call.read()?;
            let limit = limit.unwrap_or(LISTED).into();
            let listed = if with_warnings {
                kept::list_warned(tx, limit).await?
            } else {
                kept::list_refused(tx, limit).await?
            };
            answer(&listed)
        }
        CompareCases::VERB => {
            let CompareCases { cases } = call.read()?;
            if cases.len() > MOST_KNOWN.into() {
                return Err(too_many().into());
            }
            answer(&compare::lacking(tx, &cases).await?)
        }
        CountCases::VERB => answer(&cases::count(tx).await?),
        _ => Err(Refusal::new("unknown_verb", "Okänt kommando.", "Unknown command.").into()),
    }
}

fn too_many() -> Refusal {
    let (sv, en) = (
        format!("Högst {MOST_KNOWN} ärenden åt gången."),
        format!("At most {MOST_KNOWN} cases at a time."),
    );
    Refusal::new("too_many", sv, en).at("/cases")
}

/// Shows the notice to a named person of a unit that the case is routed to, and to nobody else.
/// Every reading is logged; the first one of a unit is its acknowledgement (kvittens).
async fn read_notice(
    tx: &mut PgConnection,
    call: &Call,
    ReadNotice { case }: ReadNotice,
) -> Result<Notice, CommandError> {
    let actor = call.actor()?;
    let (mut known, stated) = cases::lock_case(tx, case).await?.ok_or_else(no_such_case)?;
    // Nobody is concerned from the moment of a withdrawal, however long the routes take to go.
    let is_over = known.closed(call.now) || known.concerned().is_empty();
    let reader = notices::party_of(tx, case, &actor.unit).await?;
    let Some(reader) = reader.filter(|_| !is_over) else {
        return Err(notice::not_routed().into());
    };
    access::note(tx, call, [case]).await?;
    // Only the first reading of a unit is an entry, be it that a restored database has forgotten it.
    let id = EntryId::derive("notice_read", &[&case.to_string(), actor.unit.as_str()]);
    let stamp = Stamp::now(id, call.now, Some(actor.staff.clone()));
    if notice::read(&mut known, &actor.unit, stamp) {
        cases::update_cases(tx, &[(&known, &stated)]).await?;
        publish(tx, call, &known, "notice_read").await?;
    }
    let patient = patients::find(tx, case).await?.unwrap_or_default();
    Ok(notice::notice(&known, &patient, reader, call.now))
}
