//! Whatever people do, in whatever order: a plan never says what cannot be.

use chrono::TimeDelta;
use contracts::assignment::NotNeededReason;
use contracts::commands::{Refusal, SipIntervention, SipPlanContent};
use contracts::sip::{MeetingForm, MeetingPoint, ParticipantRole, PlanKind, Principal, SipEndKind};
use contracts::{EntryId, HsaId, Party, Sip, Stamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::meeting::Setting;
use super::people::Invitee;
use super::registration::Contact;
use super::testing::{empty, staff, stamp, unit};
use super::{follow_up, meeting, need, people, plan, points, registration};

/// What somebody does, with what it takes beside a stamp.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Need,
    RevokeNeed,
    Kind(bool),
    Call,
    Cancel,
    End,
    Meeting(u32, bool),
    Time(u32),
    CancelMeeting,
    Held,
    Ask(Party, bool),
    Withdraw(usize),
    Attendance(usize, bool),
    PreMeeting,
    Tick(usize),
    Plan(u32, Party),
    Confirm(u32, Party),
    FollowUp,
    Register(bool),
    RevokeHeld,
    WithdrawRegistration,
}

fn party() -> impl Strategy<Value = Party> {
    proptest::sample::select(vec![Party::Ward, Party::OpenCare, Party::SocialServices])
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        1 => Just(Deed::Need),
        1 => Just(Deed::RevokeNeed),
        1 => any::<bool>().prop_map(Deed::Kind),
        3 => Just(Deed::Call),
        1 => Just(Deed::Cancel),
        1 => Just(Deed::End),
        4 => (8..20_u32, any::<bool>()).prop_map(|(hour, room)| Deed::Meeting(hour, room)),
        2 => (8..20_u32).prop_map(Deed::Time),
        1 => Just(Deed::CancelMeeting),
        2 => Just(Deed::Held),
        4 => (party(), any::<bool>()).prop_map(|(party, leads)| Deed::Ask(party, leads)),
        1 => (0..4_usize).prop_map(Deed::Withdraw),
        2 => (0..4_usize, any::<bool>()).prop_map(|(who, came)| Deed::Attendance(who, came)),
        1 => Just(Deed::PreMeeting),
        3 => (0..17_usize).prop_map(Deed::Tick),
        4 => (0..3_u32, party()).prop_map(|(based_on, party)| Deed::Plan(based_on, party)),
        4 => (0..4_u32, party()).prop_map(|(version, party)| Deed::Confirm(version, party)),
        1 => Just(Deed::FollowUp),
        2 => any::<bool>().prop_map(Deed::Register),
        1 => Just(Deed::RevokeHeld),
        1 => Just(Deed::WithdrawRegistration),
    ]
}

fn content(party: Party) -> SipPlanContent {
    let line = SipIntervention { what: "hjälp".parse().unwrap(), party, staff: staff() };
    SipPlanContent {
        overall: Principal::Region,
        follow_up_on: "2027-01-15".parse().unwrap(),
        goals: vec![],
        interventions: vec![line],
    }
}

fn entry(nth: usize) -> Stamp {
    let id = EntryId(Uuid::from_u128(1_000 + nth as u128));
    let seconds = TimeDelta::seconds(nth.try_into().unwrap());
    let recorded_at = stamp(12).recorded_at + seconds;
    Stamp { id, recorded_at, ..stamp(12) }
}

fn someone(sip: &Sip, nth: usize) -> EntryId {
    let all = sip.meeting().map(|meeting| &meeting.participants[..]).unwrap_or_default();
    all.get(nth).map_or(EntryId(Uuid::nil()), |one| one.stamp.id)
}

fn carry_out(sip: &mut Sip, deed: Deed, stamp: Stamp) -> Result<bool, Refusal> {
    let own: HsaId = unit();
    match deed {
        Deed::Need => need::note_need(sip, None, &own, stamp),
        Deed::RevokeNeed => need::revoke_need(sip, &stamp),
        Deed::Kind(true) => need::set_kind(sip, PlanKind::Sip, stamp),
        Deed::Kind(false) => need::set_kind(sip, PlanKind::CompulsoryPsychiatricCare, stamp),
        Deed::Call => Ok(need::call(sip, &own, stamp)),
        Deed::Cancel => need::cancel(sip, &own, &stamp),
        Deed::End => need::end(sip, SipEndKind::NotNeeded, NotNeededReason::NoFurtherNeed, stamp),
        Deed::Meeting(hour, moves) => {
            let starts_at = super::testing::stamp(hour).occurred_at;
            let setting = Setting { starts_at, ends_at: None, form: Some(MeetingForm::Ward) };
            meeting::set(sip, setting, moves, stamp)
        }
        Deed::Time(hour) => meeting::set_time(sip, super::testing::stamp(hour).occurred_at, stamp),
        Deed::CancelMeeting => Ok(meeting::cancel(sip, stamp)),
        Deed::Held => meeting::record_held(sip, stamp),
        Deed::Ask(party, leads) => {
            let role = if leads { ParticipantRole::Leader } else { ParticipantRole::Staff };
            let (party, unit) = (Some(party), Some(own));
            people::ask(sip, Invitee { role, party, unit, staff: None, is_named: false }, stamp)
        }
        Deed::Withdraw(who) => people::withdraw(sip, someone(sip, who), stamp),
        Deed::Attendance(who, came) => {
            let now = stamp.occurred_at;
            people::record_attendance(sip, someone(sip, who), came, stamp, now)
        }
        Deed::PreMeeting => {
            points::record_pre_meeting(sip, &own, &[MeetingPoint::Treatment], &stamp)
        }
        Deed::Tick(nth) => {
            let mut all = MeetingPoint::BEFORE.into_iter().chain(MeetingPoint::AT_MEETING);
            points::tick(sip, all.nth(nth).unwrap(), stamp)
        }
        Deed::Plan(based_on, party) => {
            plan::make(sip, based_on, &content(party), &own, stamp).map(|_| true)
        }
        Deed::Confirm(version, party) => plan::confirm(sip, version, party, &own, stamp),
        Deed::FollowUp => follow_up::record(sip, &[Party::OpenCare], None, stamp),
        Deed::Register(owner) => {
            let contact = Contact { unit: own, staff: staff(), owner, visit_type: None };
            registration::register(sip, contact, stamp).map(|one| one.is_some())
        }
        Deed::RevokeHeld => meeting::revoke_held(sip, &stamp),
        Deed::WithdrawRegistration => {
            let last = sip.registrations.last().map_or(EntryId(Uuid::nil()), |one| one.stamp.id);
            registration::withdraw(sip, &own, last, stamp)
        }
    }
}

fn check(sip: &Sip) -> Result<(), TestCaseError> {
    prop_assert!(sip.end().is_none() || sip.meeting().is_none_or(|one| one.held.is_some()));
    let open = sip.meetings.iter().filter(|one| one.held.is_none() && one.cancelled.is_none());
    prop_assert!(open.count() <= 1, "one meeting is planned");
    for meeting in &sip.meetings {
        let leaders = meeting.participants.iter().filter(|one| one.withdrawn.is_none());
        prop_assert!(leaders.filter(|one| one.role == ParticipantRole::Leader).count() <= 1);
        let moved = meeting.moved_from.map(|from| {
            sip.meetings.iter().any(|one| one.stamp.id == from && one.cancelled.is_some())
        });
        prop_assert!(moved.unwrap_or(true), "what it was moved from is there, and given up");
        let mut ticked: Vec<_> = meeting.points.iter().map(|one| one.point).collect();
        ticked.dedup();
        prop_assert!(ticked.iter().all(|point| MeetingPoint::AT_MEETING.contains(point)));
    }
    for (plan, version) in sip.plans.iter().zip(1..) {
        prop_assert_eq!(plan.version, version, "no version is missing or lost");
        let mut confirmed: Vec<_> = plan.confirmations.iter().map(|one| one.party).collect();
        prop_assert!(confirmed.iter().all(|party| plan.parties.contains(party)));
        confirmed.sort_unstable();
        confirmed.dedup();
        prop_assert_eq!(confirmed.len(), plan.confirmations.len(), "each confirms once");
    }
    let standing = sip.registrations.iter().filter(|one| one.withdrawn.is_none());
    let owners = standing.filter(|one| one.owner).map(|one| one.meeting);
    let mut owners: Vec<_> = owners.collect();
    let all = owners.len();
    owners.sort_unstable();
    owners.dedup();
    prop_assert_eq!(owners.len(), all, "a meeting's contact is registered once");
    Ok(())
}

proptest! {
    #[test]
    fn a_plan_never_says_what_cannot_be(deeds in proptest::collection::vec(deed(), 0..60)) {
        let mut sip = empty();
        for (nth, deed) in deeds.into_iter().enumerate() {
            let before = sip.clone();
            let outcome = carry_out(&mut sip, deed, entry(nth));
            prop_assert_eq!(outcome == Ok(true), before != sip, "{:?}", outcome);
            if let Err(refusal) = outcome {
                prop_assert!(!refusal.message.sv.is_empty() && !refusal.message.en.is_empty());
            }
            check(&sip)?;
        }
    }
}
