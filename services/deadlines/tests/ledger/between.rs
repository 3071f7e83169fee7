//! What the parties tell each other: each unit once, nobody of its own doing, nothing that is over.

use contracts::assignment::MessageReceipt;
use contracts::case::ConsentAnswer;
use contracts::ledger::NewsKind::{
    self, MessageCame, PlanToConfirm, TrackApproved, TrackChanged, TrackProposed, TrackRefused,
};
use contracts::sip::SipEndKind;

use super::*;

const ALL: [Party; 3] = [OPEN_CARE, HEALTH, SOCIAL];
const NOW: &str = "2026-06-10 10:00";
const FOLLOW_UP: chrono::NaiveDate = chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();

/// Everybody has the case, and the patient lets them know.
fn play() -> Play {
    let mut play = Play::received("2026-06-02 10:00", &ALL);
    play.consent("2026-06-02 10:00", ConsentAnswer::Given);
    play
}

impl Play {
    /// The units that are still to be told.
    fn open(&self, kind: NewsKind) -> Vec<contracts::HsaId> {
        let told = self.news(NOW, kind).into_iter();
        told.filter(|(_, withdrawn)| !withdrawn).map(|(unit, _)| unit).collect()
    }
}

#[test]
fn a_message_is_told_to_the_units_of_the_parties_that_it_is_to_until_each_has_read_it() {
    let mut play = play();
    play.sent("2026-06-03 10:00", Party::Ward, &[OPEN_CARE, SOCIAL]);
    assert_eq!(play.open(MessageCame), [unit("ST"), unit("VC")]);
    play.read("2026-06-03 11:00", unit("VC"));
    assert_eq!(play.open(MessageCame), [unit("ST")]);
    assert_eq!(play.news(NOW, MessageCame), [(unit("ST"), false), (unit("VC"), true)]);
    play.message_withdrawn("2026-06-03 12:00");
    assert!(play.open(MessageCame).is_empty());
    // Another is another thing.
    play.sent("2026-06-03 13:00", SOCIAL, &[Party::Ward, OPEN_CARE]);
    assert_eq!(play.open(MessageCame), [unit("AVD"), unit("VC")]);
}

#[test]
fn a_message_that_the_patient_does_not_allow_to_be_read_is_told_when_she_does() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.sent("2026-06-03 10:00", Party::Ward, &[OPEN_CARE]);
    assert!(play.open(MessageCame).is_empty());
    play.consent("2026-06-03 11:00", ConsentAnswer::Given);
    assert_eq!(play.open(MessageCame), [unit("VC")]);
    play.consent("2026-06-03 12:00", ConsentAnswer::Withdrawn);
    assert!(play.open(MessageCame).is_empty());
}

#[test]
fn who_takes_over_a_case_hears_of_what_nobody_has_read_and_not_of_the_rest() {
    let mut play = play();
    play.sent("2026-06-03 10:00", Party::Ward, &[SOCIAL]);
    play.read("2026-06-03 11:00", unit("ST"));
    play.sent("2026-06-03 12:00", Party::Ward, &[SOCIAL]);
    play.route_ended("2026-06-03 13:00", SOCIAL);
    play.routed_to("2026-06-03 13:00", SOCIAL, unit("ST2"));
    assert_eq!(
        play.news(NOW, MessageCame),
        [(unit("ST"), true), (unit("ST"), true), (unit("ST2"), false)]
    );
}

#[test]
fn a_message_follows_the_patient_to_another_ward_while_it_is_unread() {
    let mut play = play();
    play.moved("2026-06-02 10:00", "AVD");
    play.sent("2026-06-03 10:00", OPEN_CARE, &[Party::Ward]);
    play.sent("2026-06-03 11:00", OPEN_CARE, &[Party::Ward]);
    play.read("2026-06-03 11:30", unit("AVD"));
    play.moved("2026-06-03 12:00", "AVD2");
    assert_eq!(play.open(MessageCame), [unit("AVD2")]);
}

#[test]
fn a_receipt_in_the_same_instant_takes_no_news_away() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.consent("2026-06-02 10:00", ConsentAnswer::Given);
    play.sent("2026-06-02 10:00", Party::Ward, &[OPEN_CARE]);
    assert_eq!(play.news(NOW, MessageCame), [(unit("VC"), false)]);
    let (stamp, reader) = (play.stamp("2026-06-02 10:00", "2026-06-02 10:00"), unit("VC"));
    let message = &mut play.assignment().cooperation.messages[0];
    message.receipts.push(MessageReceipt { stamp, unit: reader });
    assert_eq!(play.news(NOW, MessageCame), [(unit("VC"), true)]);
}

#[test]
fn what_was_unread_when_the_case_was_closed_asks_nobody_and_what_comes_after_does() {
    let mut play = play();
    play.sent("2026-06-03 10:00", Party::Ward, &[OPEN_CARE]);
    play.proposed("2026-06-03 10:00", "red", &ALL);
    play.plan_made("2026-06-03 10:00", FOLLOW_UP);
    play.closed("2026-06-04 10:00");
    for kind in [MessageCame, TrackProposed, PlanToConfirm] {
        assert!(!play.news(NOW, kind).is_empty());
        assert!(play.open(kind).is_empty());
    }
    play.sent("2026-06-04 11:00", Party::Ward, &[OPEN_CARE]);
    assert_eq!(play.open(MessageCame), [unit("VC")]);
    play.died("2026-06-04 12:00");
    assert!(play.open(MessageCame).is_empty(), "{:?}", play.news(NOW, MessageCame));
}

#[test]
fn each_party_that_is_asked_about_a_track_hears_of_it_until_it_has_answered() {
    let mut play = play();
    play.proposed("2026-06-03 10:00", "red", &ALL);
    assert_eq!(play.open(TrackProposed), [unit("KH"), unit("ST"), unit("VC")]);
    play.answered("2026-06-03 11:00", SOCIAL, true);
    assert_eq!(play.open(TrackProposed), [unit("KH"), unit("VC")]);
    play.proposal_withdrawn("2026-06-03 12:00");
    assert!(play.open(TrackProposed).is_empty());
}

#[test]
fn who_proposed_hears_of_the_refusal_and_nobody_is_asked_further() {
    let mut play = play();
    play.proposed("2026-06-03 10:00", "red", &ALL);
    play.answered("2026-06-03 11:00", SOCIAL, false);
    play.answered("2026-06-03 12:00", HEALTH, false);
    assert!(play.open(TrackProposed).is_empty());
    // Of two refusals the first says it all.
    assert_eq!(play.news(NOW, TrackRefused), [(unit("AVD"), false)]);
    play.answered("2026-06-03 13:00", SOCIAL, true);
    play.answered("2026-06-03 13:00", HEALTH, true);
    assert!(play.open(TrackRefused).is_empty());
    assert_eq!(play.open(TrackProposed), [unit("VC")]);
}

#[test]
fn who_proposed_and_the_ward_hear_that_all_have_approved_until_it_is_carried_out() {
    let mut play = play();
    let proposal = play.proposed("2026-06-03 10:00", "red", &[Party::Ward, OPEN_CARE]);
    let change = &mut play.assignment().cooperation.track_changes[0];
    (change.party, change.unit) = (HEALTH, unit("KH"));
    play.answered("2026-06-03 11:00", Party::Ward, true);
    assert!(play.news(NOW, TrackApproved).is_empty());
    play.answered("2026-06-03 12:00", OPEN_CARE, true);
    assert_eq!(play.open(TrackApproved), [unit("AVD"), unit("KH")]);
    play.track_set_by("2026-06-03 13:00", "red", Some(proposal));
    assert!(play.open(TrackApproved).is_empty());
    assert_eq!(play.open(TrackChanged), [unit("KH"), unit("ST"), unit("VC")]);
}

#[test]
fn a_party_that_loses_the_case_is_not_waited_for() {
    let mut play = play();
    play.proposed("2026-06-03 10:00", "red", &[OPEN_CARE, SOCIAL]);
    play.answered("2026-06-03 11:00", OPEN_CARE, true);
    assert!(play.news(NOW, TrackApproved).is_empty());
    play.route_ended("2026-06-03 12:00", SOCIAL);
    assert!(play.open(TrackProposed).is_empty());
    assert_eq!(play.open(TrackApproved), [unit("AVD")]);
    // Unless it gets the case again before the track is set.
    play.routed("2026-06-03 13:00", SOCIAL);
    assert_eq!(play.open(TrackProposed), [unit("ST")]);
    assert_eq!(play.news(NOW, TrackApproved), [(unit("AVD"), true)]);
}

#[test]
fn a_case_that_everybody_loses_by_a_death_approves_nothing() {
    let mut play = play();
    play.proposed("2026-06-03 10:00", "red", &[OPEN_CARE, SOCIAL]);
    play.answered("2026-06-03 11:00", OPEN_CARE, true);
    play.died("2026-06-03 12:00");
    for party in ALL {
        play.route_ended("2026-06-03 12:01", party);
    }
    assert!(play.open(TrackApproved).is_empty());
}

#[test]
fn nobody_is_told_of_its_own_approval() {
    let mut play = play();
    play.proposed("2026-06-03 10:00", "red", &[Party::Ward, OPEN_CARE]);
    let change = &mut play.assignment().cooperation.track_changes[0];
    (change.party, change.unit) = (HEALTH, unit("KH"));
    play.answered("2026-06-03 11:00", OPEN_CARE, true);
    play.answered("2026-06-03 12:00", Party::Ward, true);
    assert_eq!(play.open(TrackApproved), [unit("KH")]);
}

#[test]
fn a_changed_track_is_told_until_it_changes_again_and_neither_the_first_nor_the_same_one_is() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.track_set("2026-06-03 10:00", "green");
    assert!(play.news(NOW, TrackChanged).is_empty());
    play.track_set("2026-06-03 11:00", "yellow");
    assert_eq!(play.news(NOW, TrackChanged), [(unit("VC"), false)]);
    play.track_set("2026-06-04 10:00", "red");
    play.track_set("2026-06-04 11:00", "red");
    assert_eq!(play.news(NOW, TrackChanged), [(unit("VC"), true), (unit("VC"), false)]);
    play.discharged("2026-06-09 10:00", "2026-06-09 10:00");
    assert!(play.open(TrackChanged).is_empty());
}

#[test]
fn a_track_that_was_set_before_a_unit_got_the_case_is_no_news_to_it() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.track_set("2026-06-03 10:00", "green");
    play.track_set("2026-06-03 11:00", "yellow");
    play.routed("2026-06-04 10:00", SOCIAL);
    assert_eq!(play.news(NOW, TrackChanged), [(unit("VC"), false)]);
}

#[test]
fn a_version_of_the_plan_is_told_to_whoever_has_to_confirm_it_until_it_has() {
    // Open care makes it, for itself and municipal health care.
    let mut play = play();
    play.plan_made("2026-06-03 10:00", FOLLOW_UP);
    assert_eq!(play.news(NOW, PlanToConfirm), [(unit("KH"), false)]);
    play.plan_confirmed("2026-06-03 11:00", HEALTH);
    assert_eq!(play.news(NOW, PlanToConfirm), [(unit("KH"), true)]);
    play.plan_made("2026-06-04 10:00", FOLLOW_UP);
    assert_eq!(play.news(NOW, PlanToConfirm), [(unit("KH"), true), (unit("KH"), false)]);
    play.plan_made("2026-06-05 10:00", FOLLOW_UP);
    assert_eq!(play.open(PlanToConfirm).len(), 1);
    play.sip_ended("2026-06-05 11:00", SipEndKind::DeclinedByPatient);
    assert!(play.open(PlanToConfirm).is_empty());
}
