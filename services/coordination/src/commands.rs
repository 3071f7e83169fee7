//! What the service can be told to do, one function per use case, each inside the transaction that
//! stores its answer.

mod cooperation;
mod reading;

use contracts::assignment::{NotNeededReason, SupportReport};
use contracts::commands::{
    AddAnnex, AnswerTrackProposal, AppointCareContact, AppointLeadOfficer, CareContactNotNeeded,
    CloseCase, Command, Confirm, Done, EndHindrance, HappenedAt, ImportUnits, Imported,
    LIST_KNOWN_CASES, LeadOfficerNotNeeded, ListKnownCases, ListUnits, ListUnrouted, ProposeTrack,
    ReadAnnex, ReadEntries, ReadMessages, RecordFollowUp, Refusal, ReopenCase, ReportSupport,
    RevokeConfirmation, RouteCase, SendMessage, ShowAssignment, StateHindrance, WithdrawAnnex,
    WithdrawEntry, WithdrawMessage, WithdrawTrackProposal, WriteEntry,
};
use contracts::{Assignment, Case, CaseId, Party, StaffId, Stamp};
use messaging::{Answer, Call, CommandError, HandleError, Outgoing, Serve, answer, outbox};
use sqlx::PgConnection;

use crate::domain::appointments::{self, Office, not_concerned};
use crate::domain::routing;
use crate::{handlers, store};

/// The table of commands and queries.
pub(crate) struct Commands;

impl Serve for Commands {
    const COMMANDS: &'static [&'static str] = &[
        ImportUnits::VERB,
        RouteCase::VERB,
        AppointCareContact::VERB,
        CareContactNotNeeded::VERB,
        AppointLeadOfficer::VERB,
        LeadOfficerNotNeeded::VERB,
        ReportSupport::VERB,
        WriteEntry::VERB,
        WithdrawEntry::VERB,
        Confirm::VERB,
        RevokeConfirmation::VERB,
        ProposeTrack::VERB,
        AnswerTrackProposal::VERB,
        WithdrawTrackProposal::VERB,
        SendMessage::VERB,
        WithdrawMessage::VERB,
        AddAnnex::VERB,
        WithdrawAnnex::VERB,
        RecordFollowUp::VERB,
        StateHindrance::VERB,
        EndHindrance::VERB,
        CloseCase::VERB,
        ReopenCase::VERB,
    ];
    const QUERIES: &'static [&'static str] = &[
        ListUnits::VERB,
        ShowAssignment::VERB,
        ListUnrouted::VERB,
        LIST_KNOWN_CASES,
        ReadEntries::VERB,
        ReadMessages::VERB,
        ReadAnnex::VERB,
    ];

    async fn serve(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        match call.verb.as_str() {
            ImportUnits::VERB => answer(&import_units(tx, call, call.read()?).await?),
            RouteCase::VERB => answer(&route_case(tx, call, call.read()?).await?),
            AppointCareContact::VERB => {
                let AppointCareContact { case, staff, replaces, occurred_at } = call.read()?;
                let appointment = New { office: Office::CareContact, case, staff, replaces };
                answer(&appoint(tx, call, appointment, occurred_at).await?)
            }
            CareContactNotNeeded::VERB => {
                let CareContactNotNeeded { case, reason, replaces, occurred_at } = call.read()?;
                let nobody = Nobody { office: Office::CareContact, case, reason, replaces };
                answer(&not_needed(tx, call, nobody, occurred_at).await?)
            }
            AppointLeadOfficer::VERB => {
                let AppointLeadOfficer { case, staff, replaces, occurred_at } = call.read()?;
                let appointment = New { office: Office::LeadOfficer, case, staff, replaces };
                answer(&appoint(tx, call, appointment, occurred_at).await?)
            }
            LeadOfficerNotNeeded::VERB => {
                let LeadOfficerNotNeeded { case, reason, replaces, occurred_at } = call.read()?;
                let nobody = Nobody { office: Office::LeadOfficer, case, reason, replaces };
                answer(&not_needed(tx, call, nobody, occurred_at).await?)
            }
            ReportSupport::VERB => answer(&report_support(tx, call, call.read()?).await?),
            ShowAssignment::VERB => {
                let ShowAssignment { case } = call.read()?;
                answer(&store::find_assignment(tx, case).await?.ok_or_else(no_such_case)?)
            }
            ListUnits::VERB => answer(&store::list_units(tx).await?),
            LIST_KNOWN_CASES => {
                let ListKnownCases { after } = call.read()?;
                answer(&store::list_known_cases(tx, after).await?)
            }
            ListUnrouted::VERB => answer(&store::list_unrouted(tx).await?),
            ReadEntries::VERB | ReadMessages::VERB | ReadAnnex::VERB => {
                reading::serve(tx, call).await
            }
            _ => cooperation::serve(tx, call).await,
        }
    }
}

/// Puts units into the directory, and routes what waited for them.
async fn import_units(
    tx: &mut PgConnection,
    call: &Call,
    ImportUnits { units }: ImportUnits,
) -> Result<Imported, CommandError> {
    for (at, unit) in units.iter().enumerate() {
        let field = |name| format!("/units/{at}/{name}");
        if unit.party == Party::Unknown {
            return Err(unknown_party().at(&field("party")).into());
        }
        if units.iter().take(at).any(|earlier| earlier.unit == unit.unit) {
            return Err(named_twice().at(&field("unit")).into());
        }
    }
    store::own_directory(tx).await?;
    let changed = store::save_units(tx, &units).await?;
    let mut snapshots = Vec::new();
    for unit in units.iter().filter(|unit| changed.contains(unit.unit.as_str())) {
        snapshots.push(Outgoing::new(unit, "unit_changed", unit.active, call.trace)?);
    }
    outbox::put(tx, snapshots, call.now).await?;
    if !changed.is_empty() {
        let waiting = store::lock_unrouted_cases(tx).await?;
        let waiting: Vec<&Case> = waiting.iter().collect();
        handlers::reroute(tx, &waiting, call.now, |_| call.trace).await.map_err(into_command)?;
    }
    let changed = changed.len() as u64;
    Ok(Imported { changed, unchanged: units.len() as u64 - changed })
}

async fn route_case(
    tx: &mut PgConnection,
    call: &Call,
    RouteCase { case, party, unit }: RouteCase,
) -> Result<Done, CommandError> {
    let by = call.actor()?.staff.clone();
    let Some(found) = store::find_unit(tx, &unit).await?.filter(|found| found.active) else {
        return Err(no_such_unit().into());
    };
    if found.party != party {
        return Err(no_such_unit().into());
    }
    let known = store::lock_case(tx, case).await?.ok_or_else(no_such_case)?;
    if !known.concerned().contains(&party) {
        return Err(party_not_concerned().into());
    }
    let (now, by) = (call.now, Some(by));
    change(tx, call, case, "case_routed", |_, assignment| {
        if assignment.route_of(party).is_some_and(|route| route.unit == unit) {
            return Ok(false);
        }
        routing::route(assignment, party, &unit, now, by);
        Ok(true)
    })
    .await
}

/// An appointment that somebody asks for.
struct New {
    office: Office,
    case: CaseId,
    staff: StaffId,
    replaces: Option<StaffId>,
}

async fn appoint(
    tx: &mut PgConnection,
    call: &Call,
    New { office, case, staff, replaces }: New,
    occurred_at: HappenedAt,
) -> Result<Done, CommandError> {
    let unit = &call.actor()?.unit;
    let stamp = reported(call, occurred_at)?;
    let kind = match office {
        Office::CareContact => "care_contact_appointed",
        Office::LeadOfficer => "lead_officer_appointed",
    };
    change(tx, call, case, kind, |_, assignment| {
        appointments::appoint(office, assignment, unit, staff, replaces.as_ref(), stamp)
    })
    .await
}

/// Somebody judges that nobody is needed.
struct Nobody {
    office: Office,
    case: CaseId,
    reason: NotNeededReason,
    replaces: Option<StaffId>,
}

async fn not_needed(
    tx: &mut PgConnection,
    call: &Call,
    Nobody { office, case, reason, replaces }: Nobody,
    occurred_at: HappenedAt,
) -> Result<Done, CommandError> {
    let unit = &call.actor()?.unit;
    let stamp = reported(call, occurred_at)?;
    let kind = match office {
        Office::CareContact => "care_contact_not_needed",
        Office::LeadOfficer => "lead_officer_not_needed",
    };
    change(tx, call, case, kind, |_, assignment| {
        appointments::not_needed(office, assignment, unit, reason, replaces.as_ref(), stamp)
    })
    .await
}

async fn report_support(
    tx: &mut PgConnection,
    call: &Call,
    ReportSupport { case, text }: ReportSupport,
) -> Result<Done, CommandError> {
    let unit = call.actor()?.unit.clone();
    let stamp = reported(call, None)?;
    let entry = stamp.id;
    let done = change(tx, call, case, "support_reported", |_, assignment| {
        let party = assignment.current_routes().find(|route| route.unit == unit).map(|r| r.party);
        let party = party.ok_or_else(not_concerned)?;
        assignment.support_reports.push(SupportReport { stamp, party, unit: unit.clone() });
        Ok(true)
    })
    .await?;
    store::insert_support_report(tx, entry, case, &unit, &text).await?;
    Ok(done)
}

/// Locks the case, changes its assignment, and says so. `how` returns false when nothing changed.
async fn change(
    tx: &mut PgConnection,
    call: &Call,
    case: CaseId,
    kind: &'static str,
    how: impl FnOnce(&Case, &mut Assignment) -> Result<bool, Refusal>,
) -> Result<Done, CommandError> {
    let known = store::lock_case(tx, case).await?.ok_or_else(no_such_case)?;
    let assignment = store::find_assignment(tx, case).await?;
    let mut assignment = assignment.unwrap_or_else(|| Assignment::new(case));
    let changed = how(&known, &mut assignment)?;
    if changed {
        store::save_assignments(tx, std::slice::from_ref(&assignment)).await?;
        let snapshot = Outgoing::new(&assignment, kind, known.live(), call.trace)?;
        outbox::put(tx, vec![snapshot], call.now).await?;
    }
    Ok(Done { changed })
}

fn reported(call: &Call, occurred_at: HappenedAt) -> Result<Stamp, CommandError> {
    let by = call.actor()?.staff.clone();
    Ok(Stamp::reported(call.entry_id(), occurred_at, call.now, Some(by))?)
}

fn into_command(error: HandleError) -> CommandError {
    match error {
        HandleError::Database(error) => error.into(),
        HandleError::Message(reason) => Refusal::new("unhandled", reason.clone(), reason).into(),
    }
}

fn no_such_case() -> Refusal {
    Refusal::new("no_such_case", "Ärendet är inte känt här.", "The case is not known here.")
        .at("/case")
}

fn no_such_unit() -> Refusal {
    Refusal::new(
        "no_such_unit",
        "Ingen sådan enhet av den parten finns i katalogen.",
        "There is no such unit of that party in the directory.",
    )
    .at("/unit")
}

fn unknown_party() -> Refusal {
    Refusal::new("unknown_party", "Parten är okänd.", "The party is unknown.")
}

fn named_twice() -> Refusal {
    Refusal::new(
        "named_twice",
        "Enheten står redan tidigare i listan.",
        "The unit stands earlier in the list already.",
    )
}

fn party_not_concerned() -> Refusal {
    Refusal::new(
        "party_not_concerned",
        "Parten berörs inte enligt behovsbedömningen.",
        "The party is not concerned by the need judgement.",
    )
    .at("/party")
}

fn unknown_verb() -> Refusal {
    Refusal::new("unknown_verb", "Okänt kommando.", "Unknown command.")
}
