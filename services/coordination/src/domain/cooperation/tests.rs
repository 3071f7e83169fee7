//! Rules about who may plan, confirm, ask and answer.

use chrono::{DateTime, Utc};
use contracts::assignment::{AnnexKind, Confirmed, EntryKind, HindranceKind, ProposalState};
use contracts::case::{Consent, ConsentAnswer, Discharge, Outcome, TrackSet};
use contracts::commands::{MessageContent, Refusal};
use contracts::{
    Assignment, Case, CaseId, CaseRef, EntryId, HsaId, Party, Revocable, Stamp, Track,
};
use uuid::Uuid;

use super::annexes::File;
use super::{Acting, annexes, closing, confirmations, entries, messages, tracks};
use crate::domain::routing;

const WARD: &str = "SE2321000180-AVD";
const CENTRE: &str = "SE2321000180-VC01";
const NURSES: &str = "SE2120001111-HSV";
const SOCIAL: &str = "SE2120001111-SOC";

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-24T{hour:02}:00:00Z").parse().unwrap()
}

fn stamp(hour: u32) -> Stamp {
    Stamp::now(entry(hour), at(hour), None)
}

fn entry(n: u32) -> EntryId {
    EntryId(Uuid::from_u128(n.into()))
}

fn unit(id: &str) -> HsaId {
    id.parse().unwrap()
}

fn track(name: &str) -> Track {
    name.parse().unwrap()
}

/// A case of all four parties.
struct Play {
    case: Case,
    assignment: Assignment,
}

impl Play {
    fn new() -> Self {
        let id = CaseId(Uuid::from_u128(1));
        let hospital = unit("SE2321000180-SJUKHUS");
        let case = Case::new(id, CaseRef::from_random(1), hospital, stamp(6));
        let case = Case { ward: Some(unit(WARD)), ..case };
        let mut assignment = Assignment::new(id);
        for (party, id) in [
            (Party::OpenCare, CENTRE),
            (Party::MunicipalHealthCare, NURSES),
            (Party::SocialServices, SOCIAL),
        ] {
            routing::route(&mut assignment, party, &unit(id), at(7), None);
        }
        Self { case, assignment }
    }

    fn act<T>(
        &mut self,
        by: &str,
        how: impl FnOnce(Acting<'_>, &mut Assignment) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let unit = unit(by);
        let acting = Acting::new(&self.case, &self.assignment, &unit)?;
        how(acting, &mut self.assignment)
    }

    fn confirm(&mut self, by: &str, what: Confirmed, hour: u32) -> Result<bool, Refusal> {
        self.act(by, |acting, all| {
            confirmations::confirm(acting, all, what, Outcome::Done, stamp(hour))
        })
    }

    fn propose(&mut self, by: &str, to: &str, hour: u32) -> Result<bool, Refusal> {
        self.act(by, |acting, all| tracks::propose(acting, all, track(to), stamp(hour)))
    }

    fn answer(&mut self, by: &str, proposal: u32, yes: bool, hour: u32) -> Result<bool, Refusal> {
        self.act(by, |acting, all| tracks::answer(acting, all, entry(proposal), yes, stamp(hour)))
    }

    fn proposal(&self) -> ProposalState {
        self.assignment.cooperation.track_changes.last().unwrap().state()
    }

    fn send(
        &mut self,
        by: &str,
        to: &[Party],
        answers: Option<u32>,
        hour: u32,
    ) -> Result<bool, Refusal> {
        let content = MessageContent::General { text: "Hör av er.".into() };
        let to = to.iter().copied().collect();
        let new =
            messages::New { to, answers: answers.map(entry), corrects: None, content: &content };
        self.act(by, |acting, all| messages::send(acting, all, &new, stamp(hour)))
    }

    fn goes_home(&mut self, hour: u32) {
        self.case.discharges.push(Discharge { stamp: stamp(hour), revoked: None });
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
    result.unwrap_err().code
}

#[test]
fn a_unit_that_has_no_part_in_the_case_can_do_nothing_in_it() {
    let mut play = Play::new();
    assert_eq!(code(play.confirm("SE2321000180-VC99", Confirmed::HomeReady, 9)), "not_concerned");
}

#[test]
fn each_party_plans_what_is_its_own() {
    let mut play = Play::new();
    let mut write =
        |by, kind| play.act(by, |acting, all| entries::write(acting, all, kind, None, stamp(9)));
    assert_eq!(write(WARD, EntryKind::StatusAndNeed), Ok(true));
    assert_eq!(code(write(SOCIAL, EntryKind::StatusAndNeed)), "not_this_party");
    assert_eq!(write(CENTRE, EntryKind::TakeoverPlan), Ok(true));
    assert_eq!(code(write(WARD, EntryKind::ReceptionPlan)), "not_this_party");
    assert_eq!(write(NURSES, EntryKind::HomecomingPlan), Ok(true));
}

#[test]
fn an_entry_is_replaced_by_its_own_party_and_stays() {
    let mut play = Play::new();
    let mut write = |by, corrects: Option<u32>, hour| {
        play.act(by, |acting, all| {
            let corrects = corrects.map(entry);
            entries::write(acting, all, EntryKind::HomecomingPlan, corrects, stamp(hour))
        })
    };
    write(SOCIAL, None, 9).unwrap();
    assert_eq!(code(write(NURSES, Some(9), 10)), "not_yours");
    assert_eq!(code(write(SOCIAL, Some(8), 10)), "no_such_entry");
    assert_eq!(write(SOCIAL, Some(9), 10), Ok(true));
    assert_eq!(play.assignment.cooperation.entries.len(), 2);
}

#[test]
fn an_entry_that_was_withdrawn_is_withdrawn_once() {
    let mut play = Play::new();
    let kind = EntryKind::HomecomingPlan;
    play.act(SOCIAL, |acting, all| entries::write(acting, all, kind, None, stamp(9))).unwrap();
    let mut withdraw = |by, hour| {
        play.act(by, |acting, all| entries::withdraw(acting, all, entry(9), stamp(hour)))
    };
    assert_eq!(code(withdraw(NURSES, 10)), "not_yours");
    assert_eq!(withdraw(SOCIAL, 10), Ok(true));
    assert_eq!(withdraw(SOCIAL, 11), Ok(false));
}

#[test]
fn a_party_confirms_for_itself_and_may_take_it_back() {
    let mut play = Play::new();
    assert_eq!(play.confirm(NURSES, Confirmed::HomeReady, 9), Ok(true));
    assert_eq!(play.confirm(NURSES, Confirmed::HomeReady, 10), Ok(false));
    let stands = |play: &Play, party| {
        play.assignment.cooperation.confirmation(party, Confirmed::HomeReady).is_some()
    };
    assert!(stands(&play, Party::MunicipalHealthCare) && !stands(&play, Party::SocialServices));
    let what = Confirmed::HomeReady;
    play.act(NURSES, |acting, all| confirmations::revoke(acting, all, what, stamp(11))).unwrap();
    assert!(!stands(&play, Party::MunicipalHealthCare));
    assert_eq!(code(play.confirm(WARD, Confirmed::CareStarted, 12)), "not_this_party");
}

#[test]
fn a_track_change_is_approved_when_every_other_party_has_approved() {
    let mut play = Play::new();
    play.propose(NURSES, "yellow", 9).unwrap();
    for (by, hour) in [(WARD, 10), (CENTRE, 11)] {
        assert_eq!(play.answer(by, 9, true, hour), Ok(true));
        assert_eq!(play.proposal(), ProposalState::Asked);
    }
    assert_eq!(play.answer(SOCIAL, 9, true, 12), Ok(true));
    assert_eq!(play.proposal(), ProposalState::Approved);
}

#[test]
fn one_refusal_refuses_a_track_change_until_that_party_thinks_again() {
    let mut play = Play::new();
    play.propose(NURSES, "yellow", 9).unwrap();
    for (by, yes, hour) in [(WARD, true, 10), (CENTRE, false, 11), (SOCIAL, true, 12)] {
        play.answer(by, 9, yes, hour).unwrap();
    }
    assert_eq!(play.proposal(), ProposalState::Refused);
    assert_eq!(play.answer(CENTRE, 9, true, 13), Ok(true));
    assert_eq!(play.proposal(), ProposalState::Approved);
}

#[test]
fn a_party_that_is_no_longer_concerned_is_not_waited_for() {
    let mut play = Play::new();
    play.propose(WARD, "yellow", 9).unwrap();
    play.answer(CENTRE, 9, true, 10).unwrap();
    play.answer(NURSES, 9, true, 10).unwrap();
    let waits_for = |play: &Play| {
        let change = play.assignment.cooperation.track_changes.last().unwrap();
        play.assignment.state_of(change)
    };
    assert_eq!(waits_for(&play), ProposalState::Asked);
    let social = play.assignment.routes.iter_mut().find(|r| r.party == Party::SocialServices);
    social.unwrap().ended = Some(stamp(11));
    assert_eq!(waits_for(&play), ProposalState::Approved);
    // The ward carries it out, and may propose again.
    let (stamp, track) = (stamp(12), track("yellow"));
    play.case.planning.tracks.push(TrackSet { stamp, track, change: Some(entry(9)) });
    assert_eq!(play.propose(WARD, "red", 13), Ok(true));
}

#[test]
fn nobody_answers_their_own_proposal_or_one_that_is_over() {
    let mut play = Play::new();
    play.propose(NURSES, "yellow", 9).unwrap();
    assert_eq!(code(play.answer(NURSES, 9, true, 10)), "not_asked");
    let mut withdraw =
        |by| play.act(by, |acting, all| tracks::withdraw(acting, all, entry(9), stamp(11)));
    assert_eq!(code(withdraw(WARD)), "not_yours");
    assert_eq!(withdraw(NURSES), Ok(true));
    assert_eq!(code(play.answer(WARD, 9, true, 12)), "proposal_over");
}

#[test]
fn one_track_change_waits_at_a_time_until_the_ward_has_carried_it_out() {
    let mut play = Play::new();
    play.propose(NURSES, "yellow", 9).unwrap();
    assert_eq!(code(play.propose(WARD, "red", 10)), "proposal_waits");
    for (by, hour) in [(WARD, 10), (CENTRE, 11), (SOCIAL, 12)] {
        play.answer(by, 9, true, hour).unwrap();
    }
    assert_eq!(code(play.propose(WARD, "red", 13)), "proposal_waits");
    let set = TrackSet { stamp: stamp(14), track: track("yellow"), change: Some(entry(9)) };
    play.case.planning.tracks.push(set);
    assert_eq!(code(play.propose(WARD, "yellow", 15)), "is_so_already");
    assert_eq!(play.propose(WARD, "red", 15), Ok(true));
}

#[test]
fn a_message_goes_to_all_other_parties_unless_some_are_named() {
    let mut play = Play::new();
    play.send(WARD, &[], None, 9).unwrap();
    play.send(WARD, &[Party::OpenCare], None, 10).unwrap();
    let to: Vec<usize> =
        play.assignment.cooperation.messages.iter().map(|message| message.to.len()).collect();
    assert_eq!(to, [3, 1]);
    assert_eq!(code(play.send(WARD, &[Party::Ward], None, 11)), "not_a_party");
}

#[test]
fn a_handover_by_sbar_has_all_its_four_parts() {
    let mut play = Play::new();
    let mut send = |parts: [&str; 4]| {
        let [situation, background, assessment, recommendation] = parts.map(str::to_owned);
        let content = MessageContent::Sbar { situation, background, assessment, recommendation };
        let to = [].into();
        let new = messages::New { to, answers: None, corrects: None, content: &content };
        play.act(WARD, |acting, all| messages::send(acting, all, &new, stamp(9)))
    };
    for (missing, field) in
        ["situation", "background", "assessment", "recommendation"].iter().enumerate()
    {
        let mut parts = ["a"; 4];
        parts[missing] = " ";
        let refusal = send(parts).unwrap_err();
        assert_eq!(refusal.field, Some(format!("/content/{field}")));
    }
    assert_eq!(send(["a"; 4]), Ok(true));
}

#[test]
fn an_answer_stays_in_the_thread_and_outsiders_cannot_answer() {
    let mut play = Play::new();
    play.send(WARD, &[Party::OpenCare], None, 9).unwrap();
    assert_eq!(code(play.send(SOCIAL, &[], Some(9), 10)), "no_such_entry");
    play.send(CENTRE, &[Party::Ward], Some(9), 11).unwrap();
    play.send(WARD, &[Party::OpenCare], Some(11), 12).unwrap();
    let all = &play.assignment.cooperation.messages;
    assert!(all.iter().all(|message| message.thread == entry(9)));
}

#[test]
fn the_first_reading_of_a_unit_is_its_receipt_and_the_sender_needs_none() {
    let mut play = Play::new();
    play.send(WARD, &[], None, 9).unwrap();
    let mut read = |by, hour| {
        play.act(by, |acting, all| {
            Ok(messages::read(acting, all, &[entry(9)].into(), |_| stamp(hour)))
        })
        .unwrap()
    };
    assert!(!read(WARD, 10));
    assert!(read(CENTRE, 11));
    assert!(!read(CENTRE, 12));
    assert_eq!(play.assignment.cooperation.messages[0].receipts[0].stamp, stamp(11));
}

#[test]
fn people_can_still_be_told_when_the_patient_has_died_and_nothing_is_planned_any_more() {
    let mut play = Play::new();
    play.case.deaths.push(Revocable { stamp: stamp(8), revoked: None });
    assert_eq!(play.send(WARD, &[], None, 9), Ok(true));
    assert_eq!(code(play.confirm(NURSES, Confirmed::HomeReady, 10)), "case_ended");
}

#[test]
fn an_annex_is_what_its_type_says_and_not_too_large() {
    let mut play = Play::new();
    let large = vec![b'a'; contracts::commands::LARGEST_ANNEX + 1];
    let add = |play: &mut Play, media_type, bytes: &[u8]| {
        let file = File { name: "handlingsplan.pdf", media_type, bytes };
        play.act(WARD, |acting, all| annexes::add(acting, all, AnnexKind::RiskPlan, file, stamp(9)))
    };
    assert_eq!(add(&mut play, "application/pdf", b"%PDF-1.7 ..."), Ok(true));
    assert_eq!(code(add(&mut play, "application/pdf", b"MZ")), "bad_type");
    assert_eq!(code(add(&mut play, "text/html", b"<script>")), "bad_type");
    assert_eq!(code(add(&mut play, "text/plain", b"")), "bad_size");
    assert_eq!(code(add(&mut play, "text/plain", &large)), "bad_size");
}

#[test]
fn a_case_is_followed_up_and_closed_after_the_discharge_by_open_care() {
    let mut play = Play::new();
    let close = |play: &mut Play, by, hour| {
        play.act(by, |acting, all| closing::close(acting, all, stamp(hour)))
    };
    assert_eq!(code(close(&mut play, CENTRE, 9)), "not_discharged");
    play.goes_home(10);
    let outcome = Outcome::Done;
    play.act(NURSES, |acting, all| closing::follow_up(acting, all, outcome, stamp(11))).unwrap();
    assert_eq!(code(close(&mut play, NURSES, 12)), "not_concerned");
    assert_eq!(close(&mut play, CENTRE, 12), Ok(true));
    assert_eq!(play.assignment.cooperation.closed_at(), Some(at(12)));
    play.act(CENTRE, |acting, all| closing::reopen(acting, all, stamp(13))).unwrap();
    assert_eq!(play.assignment.cooperation.closed_at(), None);
}

#[test]
fn where_open_care_has_no_part_the_municipality_closes() {
    let mut play = Play::new();
    play.goes_home(10);
    play.assignment.routes.retain(|route| route.party == Party::SocialServices);
    let closed = play.act(SOCIAL, |acting, all| closing::close(acting, all, stamp(12)));
    assert_eq!(closed, Ok(true));
}

#[test]
fn a_hindrance_begins_and_ends_once() {
    let mut play = Play::new();
    let kind = HindranceKind::Unclear;
    let mut state = |by, hour| {
        play.act(by, |acting, all| closing::state_hindrance(acting, all, kind, stamp(hour)))
    };
    assert_eq!(code(state(WARD, 9)), "not_concerned");
    assert_eq!(state(SOCIAL, 9), Ok(true));
    assert_eq!(state(CENTRE, 10), Ok(false));
    let mut end = |hour| {
        play.act(CENTRE, |acting, all| closing::end_hindrance(acting, all, kind, stamp(hour)))
    };
    assert_eq!(code(end(8)), "before_it_began");
    assert_eq!(end(11), Ok(true));
    assert_eq!(end(12), Ok(false));
}

#[test]
fn others_texts_are_read_with_the_patients_consent_only() {
    let mut play = Play::new();
    let reads = |play: &Play, author, hour| {
        let unit = unit(NURSES);
        Acting::new(&play.case, &play.assignment, &unit).unwrap().may_read(author, at(hour))
    };
    assert!(reads(&play, Party::MunicipalHealthCare, 9));
    assert!(!reads(&play, Party::Ward, 9));
    let consent = Consent::new(stamp(10), ConsentAnswer::Given);
    play.case.consents.push(Consent { expires_at: Some(at(12)), ..consent });
    assert!(reads(&play, Party::Ward, 11));
    assert!(!reads(&play, Party::Ward, 12));
    let parties = [Party::OpenCare].into();
    let consent = Consent::new(stamp(13), ConsentAnswer::Given);
    play.case.consents.push(Consent { parties, ..consent });
    assert!(!reads(&play, Party::Ward, 14));
}
