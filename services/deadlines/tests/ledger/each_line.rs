//! Each line that is shown, by itself: open before its proof, met by it, and by nothing else.

use contracts::assignment::{AnnexKind, Confirmed, EntryKind};
use contracts::case::{CheckKind, ConsentAnswer, FormAnswer};

use super::*;

const WARD: Party = Party::Ward;
const BEFORE: &str = "2027-03-06 10:00";
const DONE: &str = "2027-03-06 11:00";
const AFTER: &str = "2027-03-06 12:00";

type Deed = fn(&mut Play, Party);

/// By a region's rulebook a case has come so far that the line is owed; `deed` is its proof.
fn met_by(play: &Play, rule: &str, parties: &[Party], deed: Deed) {
    for party in parties {
        let owner = Owner::from(*party);
        assert_eq!(play.shown(BEFORE, rule, owner), "open", "{rule} of {owner:?} before");
        let mut done = play.clone();
        deed(&mut done, *party);
        assert_eq!(done.shown(AFTER, rule, owner), "met", "{rule} of {owner:?} after");
    }
}

fn noticed(region: &'static str) -> Play {
    let mut play = Play::received("2027-03-01 10:00", &[OPEN_CARE, HEALTH, SOCIAL]);
    play.region = region;
    play
}

fn in_track(region: &'static str, track: &str) -> Play {
    let mut play = noticed(region);
    play.track_set("2027-03-02 10:00", track);
    play
}

fn ready(track: &str) -> Play {
    let mut play = in_track("dalarna", track);
    play.ready("2027-03-05 10:00");
    play
}

fn home(track: &str) -> Play {
    let mut play = ready(track);
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    play
}

const ALL: [Party; 4] = [WARD, OPEN_CARE, HEALTH, SOCIAL];
const OUTSIDE: [Party; 3] = [OPEN_CARE, HEALTH, SOCIAL];
const MUNICIPAL: [Party; 2] = [HEALTH, SOCIAL];

#[test]
fn dalarna_at_admission_and_during_the_stay() {
    let play = noticed("dalarna");
    met_by(&play, "K01", &[WARD], |play, _| play.consent(DONE, ConsentAnswer::Refused));
    met_by(&play, "K09", &ALL, |play, by| play.entered(DONE, by, EntryKind::HomecomingPlan));
    met_by(&play, "K10", &ALL, |play, _| play.track_set(DONE, "green"));
    met_by(&play, "K11", &[WARD], |play, by| play.entered(DONE, by, EntryKind::StatusAndNeed));
    met_by(&play, "K13", &ALL, |play, by| play.messaged(DONE, by));
    met_by(&play, "K15", &[OPEN_CARE], |play, by| play.entered(DONE, by, EntryKind::TakeoverPlan));
    met_by(&play, "K16", &MUNICIPAL, |play, by| play.entered(DONE, by, EntryKind::ReceptionPlan));
    met_by(&play, "K50", &ALL, |play, by| play.entered(DONE, by, EntryKind::Responsibilities));
}

#[test]
fn a_frequent_patient_is_planned_for_whatever_the_need() {
    let mut play = Play::admitted("2027-03-01 10:00");
    play.judged("2027-03-01 10:00", "2027-03-01 10:00", &[]);
    assert_eq!(play.shown(BEFORE, "K04", Owner::Ward), "none");
    play.consent("2027-03-01 11:00", ConsentAnswer::Given);
    met_by(&play, "K04", &[WARD], |play, _| play.track_set(DONE, "green"));
}

#[test]
fn dalarna_in_yellow_and_red() {
    for track in ["yellow", "red"] {
        let mut play = in_track("dalarna", track);
        met_by(&play, "K18", &[OPEN_CARE], |play, _| play.called(DONE));
        play.called("2027-03-02 12:00");
        play.held("2027-03-04 12:00");
        met_by(&play, "K18.2", &[OPEN_CARE], |play, by| play.came(DONE, by));
        met_by(&play, "K20", &MUNICIPAL, |play, by| play.came(DONE, by));
    }
    let mut play = in_track("dalarna", "red");
    play.form("2027-03-02 11:00", &[FormAnswer::StaffTrainingNeeded], &[]);
    met_by(&play, "K21", &[WARD], |play, _| play.checked(DONE, CheckKind::StaffTrained));
    play.called("2027-03-02 12:00");
    play.held("2027-03-04 12:00");
    met_by(&play, "K20.2", &[WARD], |play, by| play.came(DONE, by));
    play.plan_made("2027-03-04 13:00", "2027-03-20".parse().unwrap());
    met_by(&play, "K45", &OUTSIDE, |play, by| play.plan_followed_up(DONE, &[by], None));
}

#[test]
fn dalarna_when_ready_for_discharge() {
    let green = ready("green");
    met_by(&green, "K22", &[WARD], |play, _| play.discharge_notice(DONE));
    met_by(&green, "K24", &[WARD], |play, _| play.checked(DONE, CheckKind::ReferralWritten));
    met_by(&green, "K26", &MUNICIPAL, |play, by| {
        play.entered(DONE, by, EntryKind::PossibleSupport);
    });
    met_by(&green, "K28", &ALL, |play, by| play.confirmed(DONE, by, Confirmed::HomeReady));
    met_by(&green, "K29", &ALL, |play, by| play.confirmed(DONE, by, Confirmed::ReceptionAtHome));
    for track in ["yellow", "red"] {
        let play = ready(track);
        met_by(&play, "K27", &MUNICIPAL, |play, by| {
            play.confirmed(DONE, by, Confirmed::StartSecured);
        });
    }
    met_by(&ready("red"), "K32.2", &[WARD], hand_over);
}

fn hand_over(play: &mut Play, _: Party) {
    play.checked(DONE, CheckKind::MedicationListSent);
    play.checked(DONE, CheckKind::HandedOver);
    play.checked(DONE, CheckKind::AidsHandedOver);
}

#[test]
fn dalarna_at_home_and_after() {
    let green = home("green");
    met_by(&green, "K23", &[WARD], |play, _| play.discharge_notice(DONE));
    met_by(&green, "K32", &[WARD], hand_over);
    met_by(&green, "K33", &[OPEN_CARE], |play, by| {
        play.confirmed(DONE, by, Confirmed::MedicalResponsibility);
    });
    met_by(&green, "K37", &[OPEN_CARE], |play, by| play.followed_up(DONE, by));
    met_by(&green, "K38", &[OPEN_CARE], |play, _| play.closed(DONE));
    met_by(&green, "K39", &[HEALTH], |play, by| play.followed_up(DONE, by));
    met_by(&green, "K40", &[SOCIAL], |play, by| play.followed_up(DONE, by));
    met_by(&home("red"), "K41", &[SOCIAL], |play, by| play.followed_up(DONE, by));
    let mut needed = home("green");
    needed.sip_needed("2027-03-05 16:00");
    met_by(&needed, "K42", &OUTSIDE, |play, _| play.called(DONE));
}

#[test]
fn orebros_red_track() {
    let mut play = in_track("orebro", "red");
    let judging = [OPEN_CARE, HEALTH];
    let mapping = [WARD, OPEN_CARE, HEALTH];
    met_by(&play, "R02", &[OPEN_CARE], |play, _| play.called(DONE));
    met_by(&play, "R03", &[OPEN_CARE], |play, by| play.entered(DONE, by, EntryKind::Mapping));
    met_by(&play, "R04", &mapping, |play, _| play.annexed(DONE, AnnexKind::RiskPlan));
    met_by(&play, "R05", &[WARD], |play, _| play.checked(DONE, CheckKind::TrainingNeedDecided));
    met_by(&play, "R06", &[WARD], |play, _| play.checked(DONE, CheckKind::InterventionDefined));
    met_by(&play, "R07", &judging, |play, by| play.entered(DONE, by, EntryKind::HomeCareJudgement));
    play.called("2027-03-02 12:00");
    met_by(&play, "R10", &mapping, |play, _| play.annexed(DONE, AnnexKind::EmergencyPlan));
    met_by(&play, "R10.2", &[OPEN_CARE], |play, by| {
        play.confirmed(DONE, by, Confirmed::MedicalResponsibility);
    });
}
