use contracts::Stamp;
use contracts::sip::Participant;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn at(minute: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-11-24T08:00:00Z".parse().unwrap();
    start + TimeDelta::minutes(minute)
}

fn stamp(minute: i64) -> Stamp {
    let id = EntryId(Uuid::from_u128(u128::try_from(minute).unwrap() + 1));
    Stamp::now(id, at(minute), None)
}

fn unit(n: u8) -> HsaId {
    format!("SE2321000180-VC0{n}").parse().unwrap()
}

/// Plans a meeting some days later, as `sip` would.
struct Play(Sip);

impl Play {
    fn new() -> Self {
        Self(Sip::new(contracts::CaseId(Uuid::nil())))
    }

    fn planned(&mut self) -> Option<&mut Meeting> {
        let planned = |one: &&mut Meeting| one.cancelled.is_none() && one.held.is_none();
        self.0.meetings.iter_mut().rev().find(planned)
    }

    fn set(&mut self, minute: i64) {
        let mut meeting = Meeting::new(stamp(minute), at(minute) + TimeDelta::days(2));
        if let Some(before) = self.planned() {
            before.cancelled = Some(stamp(minute));
            meeting.moved_from = Some(before.stamp.id);
            let still = before.participants.iter().filter(|one| one.withdrawn.is_none());
            meeting.participants = still.cloned().collect();
        }
        self.0.meetings.push(meeting);
    }

    fn ask(&mut self, n: u8, minute: i64) {
        let participant = Participant {
            stamp: stamp(minute),
            role: ParticipantRole::Staff,
            party: None,
            unit: Some(unit(n)),
            staff: None,
            attendance: None,
            withdrawn: None,
        };
        self.planned().into_iter().for_each(|one| one.participants.push(participant.clone()));
    }

    fn withdraw(&mut self, n: u8, minute: i64) {
        let asked = self.planned().into_iter().flat_map(|one| &mut one.participants);
        let mut asked = asked.filter(|one| one.unit == Some(unit(n)) && one.withdrawn.is_none());
        if let Some(one) = asked.next() {
            one.withdrawn = Some(stamp(minute));
        }
    }

    fn cancel(&mut self, minute: i64) {
        self.planned().into_iter().for_each(|one| one.cancelled = Some(stamp(minute)));
    }

    fn hold(&mut self, minute: i64) {
        self.planned().into_iter().for_each(|one| one.held = Some(stamp(minute)));
    }

    /// What a unit is told: method and sequence, and whether it holds.
    fn told(&self, n: u8) -> Vec<(&'static str, u32, bool)> {
        let of_unit = all(&self.0).into_iter().filter(|cause| *cause.unit == unit(n));
        of_unit.map(|one| (one.says.method.as_str(), one.says.sequence, one.holds(at(0)))).collect()
    }
}

#[test]
fn a_unit_is_invited_when_it_is_asked_and_told_of_each_move() {
    let mut play = Play::new();
    play.set(0);
    assert!(all(&play.0).is_empty(), "a meeting to which nobody is asked is told to nobody");
    play.ask(1, 1);
    assert_eq!(play.told(1), [("REQUEST", 0, true)]);
    play.set(2);
    play.ask(2, 3);
    assert_eq!(play.told(1), [("REQUEST", 0, false), ("REQUEST", 1, true)]);
    assert_eq!(play.told(2), [("REQUEST", 1, true)]);
    play.cancel(4);
    assert_eq!(play.told(2), [("REQUEST", 1, false), ("CANCEL", 2, true)]);
    let causes = all(&play.0);
    let uids: Vec<EntryId> = causes.iter().map(|cause| cause.says.uid).collect();
    assert_eq!(uids, [stamp(0).id; 5], "one event, however often it is moved");
}

#[test]
fn a_unit_that_is_asked_no_more_is_told_so_and_can_be_asked_again() {
    let mut play = Play::new();
    play.set(0);
    play.ask(1, 1);
    play.withdraw(1, 2);
    assert_eq!(play.told(1), [("REQUEST", 0, false), ("CANCEL", 1, true)]);
    play.ask(1, 3);
    assert_eq!(play.told(1).last(), Some(&("REQUEST", 1, true)));
    play.set(4);
    assert_eq!(play.told(1).last(), Some(&("REQUEST", 2, true)), "above its cancellation");
}

#[test]
fn two_of_a_units_staff_are_one_invitation() {
    let mut play = Play::new();
    play.set(0);
    play.ask(1, 1);
    play.ask(1, 2);
    play.withdraw(1, 3);
    assert_eq!(play.told(1), [("REQUEST", 0, true)]);
}

#[test]
fn nothing_is_told_of_a_meeting_that_was_held_or_has_begun() {
    let mut play = Play::new();
    play.set(0);
    play.ask(1, 1);
    let starts_at = play.0.meetings[0].starts_at;
    let holds = |play: &Play, now| all(&play.0).iter().any(|cause| cause.holds(now));
    assert!(holds(&play, starts_at - TimeDelta::seconds(1)));
    assert!(!holds(&play, starts_at));
    play.hold(5);
    assert!(!holds(&play, at(6)));
}

#[test]
fn the_patients_side_is_not_invited() {
    for role in [ParticipantRole::Patient, ParticipantRole::PatientsOwn] {
        let mut play = Play::new();
        play.set(0);
        play.ask(1, 1);
        play.0.meetings[0].participants[0].role = role;
        assert!(all(&play.0).is_empty());
    }
}

#[test]
fn a_meeting_without_an_end_lasts_an_hour() {
    let mut play = Play::new();
    play.set(0);
    play.ask(1, 1);
    let says = all(&play.0)[0].says.clone();
    assert_eq!(says.ends_at - says.starts_at, TimeDelta::hours(1));
}

/// Something that happens to a plan, to a unit.
fn deeds() -> impl Strategy<Value = Vec<(u8, u8)>> {
    proptest::collection::vec((0_u8..6, 0_u8..3), 0..30)
}

proptest! {
    #[test]
    fn what_was_told_once_stays_and_sequences_rise(deeds in deeds()) {
        let mut play = Play::new();
        let mut before: Vec<(EntryId, Invitation)> = Vec::new();
        for (minute, (deed, n)) in deeds.into_iter().enumerate() {
            let minute = i64::try_from(minute).unwrap();
            match deed {
                0 => play.set(minute),
                1 | 2 => play.ask(n, minute),
                3 => play.withdraw(n, minute),
                4 => play.cancel(minute),
                _ => play.hold(minute),
            }
            let causes = all(&play.0);
            let now: Vec<(EntryId, Invitation)> =
                causes.iter().map(|cause| (cause.id, cause.says.clone())).collect();
            for one in &before {
                prop_assert!(now.contains(one), "{one:?} is said no more");
            }
            let mut ids: Vec<EntryId> = now.iter().map(|(id, _)| *id).collect();
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids.len(), now.len(), "each cause has an id of its own");
            for (one, next) in causes.iter().zip(causes.iter().skip(1)) {
                if one.unit == next.unit && one.says.uid == next.says.uid {
                    let rises = (one.says.sequence, one.says.since);
                    prop_assert!(rises < (next.says.sequence, next.says.since));
                }
            }
            before = now;
        }
    }
}
