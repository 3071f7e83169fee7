//! Why a line gives a case no duty.

use contracts::ledger::Words;
use contracts::{Party, Track};

use super::words::both;
use crate::domain::facts::View;
use crate::domain::rulebook::{Condition, Rule, Rulebook, Trigger};

/// The first thing that is wanting.
pub(super) fn why_not(rule: &Rule, view: View<'_>, book: &Rulebook) -> Words {
    let unknown = book.unknown_track(view.case);
    let by_track = !rule.trigger.tracks().is_empty()
        || rule.conditions.first().is_some_and(|first| !first.tracks().is_empty());
    if let Some(track) = unknown.filter(|_| by_track) {
        return no_such_track(track, book);
    }
    let routed = || rule.owners.iter().any(|owner| view.routes_of(*owner).next().is_some());
    let (case, sip) = (view.case, view.sip);
    match rule.trigger {
        Trigger::Need => no_need(view),
        Trigger::Notice if case.needs.is_empty() => no_need(view),
        Trigger::Reception | Trigger::Notice if !routed() => both(
            "Ingen ansvarig enhet har fått inskrivningsmeddelandet.",
            "No unit that would owe this has received the notice.",
        ),
        Trigger::Ready if case.ready.is_empty() => {
            both("Patienten är inte meddelad utskrivningsklar.", "No ready notice has been sent.")
        }
        Trigger::Discharge if case.discharges.is_empty() => {
            both("Patienten är inte utskriven.", "The patient has not been discharged.")
        }
        Trigger::Track(ref tracks)
            if !case.planning.tracks.iter().any(|set| tracks.contains(&set.track)) =>
        {
            both("Ärendet har inte det spåret.", "The case does not have that track.")
        }
        Trigger::TrackChange | Trigger::TrackChangeApproved => both(
            "Inget spårbyte som gäller detta är föreslaget.",
            "No change of track that asks for this is proposed.",
        ),
        Trigger::SipNeed if sip.is_none_or(|sip| sip.needs.is_empty()) => {
            both("Inget behov av SIP är uppmärksammat.", "No need of a SIP has been noticed.")
        }
        Trigger::SipCalled if sip.is_none_or(|sip| sip.calls.is_empty()) => {
            both("Ingen har kallat till SIP.", "Nobody has called to a SIP.")
        }
        Trigger::SipHeld if sip.is_none_or(|sip| sip.meetings.iter().all(|m| m.held.is_none())) => {
            both("Inget SIP-möte är hållet.", "No SIP meeting has been held.")
        }
        Trigger::FollowUpDay => both(
            "Ingen dag för uppföljning av planen är satt.",
            "No day for the follow-up of the plan is set.",
        ),
        _ => rule.conditions.first().map_or_else(too_late, condition),
    }
}

fn no_such_track(track: &Track, book: &Rulebook) -> Words {
    let tracks = book.tracks.iter().map(|criteria| criteria.track.as_str());
    let (tracks, name) = (tracks.collect::<Vec<_>>().join(", "), book.name());
    both(
        format!("Spåret {track} finns inte i regelverket {name}, som har {tracks}."),
        format!("The track {track} is not in the rulebook {name}, which has {tracks}."),
    )
}

fn no_need(view: View<'_>) -> Words {
    let needs = &view.case.needs;
    if needs.is_empty() {
        return both("Inget behov är bedömt.", "No need has been judged.");
    }
    if needs.iter().any(|need| need.frequent_patient) && !view.case.consented(Party::OpenCare) {
        return both("Patientens samtycke saknas.", "The patient has not consented.");
    }
    both("Ingen part utanför sjukhuset berörs.", "No party outside the hospital is concerned.")
}

fn too_late() -> Words {
    both("Kom till kännedom först efter utskrivningen.", "First heard of after the discharge.")
}

fn condition(wanting: &Condition) -> Words {
    match wanting {
        Condition::BothPrincipals => both(
            "Gäller bara när både regionen och kommunen berörs.",
            "Only owed when both the region and the municipality are concerned.",
        ),
        Condition::OwnerConcerned => both(
            "Gäller bara den som har fått inskrivningsmeddelandet.",
            "Only owed by those who have received the notice.",
        ),
        Condition::Concerned(parties) if parties.contains(&Party::OpenCare) => {
            both("Gäller bara när öppenvården berörs.", "Only owed when open care is concerned.")
        }
        Condition::Concerned(_) => both(
            "Gäller bara när kommunen berörs.",
            "Only owed when the municipality is concerned.",
        ),
        Condition::FrequentPatient => both(
            "Gäller bara den som ofta har varit på sjukhus den senaste tiden.",
            "Only owed for those who were often in hospital of late.",
        ),
        Condition::Tracks(_) | Condition::TracksOrNone(_) => {
            both("Gäller bara andra spår.", "Only owed in other tracks.")
        }
        Condition::Consent(_) => {
            both("Patientens samtycke saknas.", "The patient has not consented.")
        }
        Condition::Answers(_) | Condition::Interventions(_) => both(
            "Planeringsunderlaget säger inte att det behövs.",
            "The planning form does not say that it is needed.",
        ),
    }
}
