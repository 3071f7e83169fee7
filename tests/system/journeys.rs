//! Whole ways home, by the rulebook of Dalarna.

use contracts::assignment::{Confirmed, EntryKind};
use contracts::case::{CheckKind, ConsentAnswer, Destination, FormAnswer, Outcome};
use contracts::commands::{
    AppointCareContact, AppointLeadOfficer, CallSip, CloseCase, Confirm, DischargePatient,
    FillForm, GiveReady, MessageContent, ReadMessages, ReadNotice, RecordCheck, RecordConsent,
    RecordFollowUp, ReportSupport, RevokeReady, SendDischargeNotice, SendMessage, SetTrack,
    SipNotNeeded, WriteEntry,
};
use contracts::ledger::ObligationState;
use contracts::{CaseId, Ledger};
use test_support::{SOON, eventually};

use crate::support::System;
use crate::support::hl7::{Adt, TOVA};
use crate::support::units::{CARE_CENTRE, HOME_HEALTH, SOCIAL, STAFF, WARD};

const TEXT: &str = "Bor med sin dotter.";

/// Tuesday 2 February 2027, 09.00: Tova comes in and will need the municipality's care.
async fn admitted() -> (System, CaseId) {
    let system = System::start("2027-02-02 09:00").await;
    system
        .send(&Adt {
            at: "202702020900",
            admitted_at: "202702020830",
            estimate: "20270202",
            need: "KHS~SOC",
            ..Adt::of(TOVA)
        })
        .await;
    let case = system.case_admitted("2027-02-02 08:30").await.case_id;
    system.duty_is(case, "K07", ObligationState::Open).await;
    (system, case)
}

async fn check(system: &System, case: CaseId, what: CheckKind, outcome: Outcome) {
    system.act(&RecordCheck { case, what, outcome, occurred_at: None }, WARD).await;
}

async fn confirm(system: &System, case: CaseId, unit: &str, what: Confirmed) {
    let outcome = Outcome::Done;
    system.act(&Confirm { case, what, outcome, occurred_at: None }, unit).await;
}

async fn write(system: &System, case: CaseId, unit: &str, kind: EntryKind) {
    system.act(&WriteEntry { case, kind, text: TEXT.into(), corrects: None }, unit).await;
}

/// Everybody reads, appoints, reports and plans.
async fn is_planned(system: &System, case: CaseId) {
    system.act(&RecordConsent::new(case, ConsentAnswer::Given), WARD).await;
    let staff = STAFF.parse().unwrap();
    let contact = AppointCareContact { case, staff, replaces: None, occurred_at: None };
    system.act(&contact, CARE_CENTRE).await;
    let staff = STAFF.parse().unwrap();
    let officer = AppointLeadOfficer { case, staff, replaces: None, occurred_at: None };
    system.act(&officer, SOCIAL).await;
    for unit in [CARE_CENTRE, HOME_HEALTH, SOCIAL] {
        system.act(&ReadNotice { case }, unit).await;
        system.act(&ReportSupport { case, text: TEXT.into() }, unit).await;
        write(system, case, unit, EntryKind::PlannedSupport).await;
    }
    for unit in [WARD, CARE_CENTRE, HOME_HEALTH, SOCIAL] {
        write(system, case, unit, EntryKind::HomecomingPlan).await;
        write(system, case, unit, EntryKind::Responsibilities).await;
        let content = MessageContent::General { text: TEXT.into() };
        let (to, answers, corrects) = ([].into(), None, None);
        system.act(&SendMessage { case, to, answers, corrects, content }, unit).await;
    }
    write(system, case, WARD, EntryKind::StatusAndNeed).await;
    write(system, case, CARE_CENTRE, EntryKind::TakeoverPlan).await;
    for unit in [HOME_HEALTH, SOCIAL] {
        write(system, case, unit, EntryKind::ReceptionPlan).await;
    }
}

/// The patient is ready for discharge, and everybody makes her home-ready.
async fn is_home_ready(system: &System, case: CaseId) {
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    for what in CheckKind::HOME_READY {
        check(system, case, what, Outcome::Done).await;
    }
    for what in [CheckKind::SelfCareAssessed, CheckKind::ReferralWritten] {
        check(system, case, what, Outcome::NotNeeded).await;
    }
    for what in [CheckKind::MedicationListSent, CheckKind::HandedOver, CheckKind::AidsHandedOver] {
        check(system, case, what, Outcome::Done).await;
    }
    for unit in [WARD, CARE_CENTRE, HOME_HEALTH, SOCIAL] {
        confirm(system, case, unit, Confirmed::HomeReady).await;
        confirm(system, case, unit, Confirmed::ReceptionAtHome).await;
    }
    for unit in [HOME_HEALTH, SOCIAL] {
        write(system, case, unit, EntryKind::PossibleSupport).await;
    }
    let reason = contracts::assignment::NotNeededReason::NoFurtherNeed;
    system.act(&SipNotNeeded { case, reason, occurred_at: None }, CARE_CENTRE).await;
    let (destination, discharged_on) = (Destination::Home, "2027-02-02".parse().unwrap());
    system.act(&SendDischargeNotice { case, destination, discharged_on }, WARD).await;
}

/// She goes home, support starts, everybody follows up, and open care closes the case.
async fn goes_home(system: &System, case: CaseId) {
    system.act(&DischargePatient { case, occurred_at: None }, WARD).await;
    confirm(system, case, CARE_CENTRE, Confirmed::MedicalResponsibility).await;
    for unit in [HOME_HEALTH, SOCIAL] {
        confirm(system, case, unit, Confirmed::CareStarted).await;
    }
    system.set_time("2027-02-05 10:00");
    for unit in [CARE_CENTRE, HOME_HEALTH, SOCIAL] {
        let outcome = Outcome::Done;
        eventually("the discharge is known", SOON, async || {
            system.try_act(&RecordFollowUp { case, outcome, occurred_at: None }, unit).await
        })
        .await;
    }
    system.act(&CloseCase { case }, CARE_CENTRE).await;
}

/// What somebody still has to do, or never did.
fn owed(ledger: &Ledger) -> Vec<String> {
    let done = |state| matches!(state, ObligationState::Met | ObligationState::Cancelled);
    let duties = ledger.obligations.iter().filter(|duty| !done(duty.state));
    let duties = duties.map(|duty| format!("{} {:?} {:?}", duty.rule, duty.owner, duty.state));
    let shown = ledger.shown.iter().flat_map(|book| &book.lines);
    let shown = shown.filter(|line| !line.open.is_empty() || !line.past.is_empty());
    duties.chain(shown.map(|line| format!("{line:?}"))).collect()
}

#[tokio::test]
async fn green_home_within_the_day_nobody_owes_anything_and_nobody_was_ever_reminded() {
    let (system, case) = admitted().await;
    let (answers, interventions) =
        ([FormAnswer::KnownInMunicipality, FormAnswer::SameSupport].into(), [].into());
    system.act(&FillForm { case, answers, interventions }, WARD).await;
    eventually("the green track is proposed", SOON, async || {
        let proposal = system.ledger(case).await.map_err(|error| error.to_string())?.proposal;
        match proposal {
            Some(proposal) if proposal.track.as_str() == "green" => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    let track = "green".parse().unwrap();
    system.act(&SetTrack { case, track, change: None }, WARD).await;
    is_planned(&system, case).await;
    system.set_time("2027-02-02 13:00");
    is_home_ready(&system, case).await;
    system.set_time("2027-02-02 15:00");
    goes_home(&system, case).await;
    let ledger = eventually("nobody owes anything", SOON, async || {
        let ledger = system.ledger(case).await.map_err(|error| error.to_string())?;
        let owed = owed(&ledger);
        if owed.is_empty() { Ok(ledger) } else { Err(owed.join("; ")) }
    })
    .await;
    assert!(ledger.obligations.iter().all(|duty| duty.steps.is_empty()), "{ledger:?}");
    let read = system.act(&ReadMessages { case }, SOCIAL).await;
    assert_eq!(read.iter().filter(|message| message.content.is_some()).count(), 4);
    let sent = format!("{:?}", system.sinks.sinks.messages().all());
    assert!(TOVA.marks().iter().all(|mark| !sent.contains(mark)) && !sent.contains(TEXT));
}

#[tokio::test]
async fn yellow_ready_taken_back_and_given_again_and_the_sip_called_in_the_last_hour() {
    let (system, case) = admitted().await;
    let track = "yellow".parse().unwrap();
    system.act(&SetTrack { case, track, change: None }, WARD).await;
    is_planned(&system, case).await;
    system.set_time("2027-02-03 10:00");
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Open).await;
    system.set_time("2027-02-03 14:00");
    system.act(&RevokeReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Cancelled).await;
    // Given again on Thursday: the call is due when Sunday ends.
    system.set_time("2027-02-04 11:00");
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Open).await;
    system.set_time("2027-02-07 23:00");
    system.act(&CallSip { case, occurred_at: None }, CARE_CENTRE).await;
    system.duty_is(case, "K43", ObligationState::Met).await;
    system.set_time("2027-02-08 12:00");
    system.duty_is(case, "K43", ObligationState::Met).await;
    let ledger = system.ledger(case).await.unwrap();
    let calls: Vec<_> = ledger.obligations.iter().filter(|duty| duty.rule == "K43").collect();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|duty| !duty.steps.iter().any(|step| step.kind.is_escalation())));
}
