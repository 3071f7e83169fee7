//! When people meet, and how: set, moved, cancelled, held.

use chrono::{DateTime, Utc};
use contracts::commands::Refusal;
use contracts::sip::{Meeting, MeetingForm, Participant};
use contracts::{Sip, Stamp};

use super::need::already_held;
use super::{local_time, plan};

/// When and how people are to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) ends_at: Option<DateTime<Utc>>,
    pub(crate) form: Option<MeetingForm>,
}

/// What the planned meeting is set to.
pub(crate) fn setting(sip: &Sip) -> Option<Setting> {
    let meeting = planned(sip)?;
    let Meeting { starts_at, ends_at, form, .. } = *meeting;
    Some(Setting { starts_at, ends_at, form })
}

/// The meeting that is planned and not yet held.
pub(crate) fn planned(sip: &Sip) -> Option<&Meeting> {
    sip.meeting().filter(|meeting| meeting.held.is_none())
}

/// Sets the meeting, or moves the planned one: for calendars it stays the same meeting, with the same
/// people. `moves` says that it is another place, which is not among what is published. False when it
/// is all so already.
pub(crate) fn set(
    sip: &mut Sip,
    setting: Setting,
    moves: bool,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    check(setting)?;
    if sip.end().is_some() {
        return Err(plan::ended());
    }
    if sip.call().is_none() {
        return Err(not_called());
    }
    let same = self::setting(sip) == Some(setting);
    let mut meeting = Meeting {
        ends_at: setting.ends_at,
        form: setting.form,
        ..Meeting::new(stamp.clone(), setting.starts_at)
    };
    if let Some(before) = planned_mut(sip) {
        if same && !moves {
            return Ok(false);
        }
        before.cancelled = Some(stamp);
        meeting.moved_from = Some(before.stamp.id);
        meeting.participants = asked(before);
    }
    sip.meetings.push(meeting);
    Ok(true)
}

/// Moves the beginning; the rest stays. A meeting that was not planned yet gets a time alone.
pub(crate) fn set_time(
    sip: &mut Sip,
    starts_at: DateTime<Utc>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    if is_over(sip) {
        return Err(already_held());
    }
    let now = setting(sip);
    let length = now.and_then(|now| now.ends_at.map(|ends_at| ends_at - now.starts_at));
    let ends_at = length.and_then(|length| starts_at.checked_add_signed(length));
    let form = now.and_then(|now| now.form);
    set(sip, Setting { starts_at, ends_at, form }, false, stamp)
}

/// Cancels the planned meeting alone; the call stands. False when none is planned.
pub(crate) fn cancel(sip: &mut Sip, stamp: Stamp) -> bool {
    let Some(meeting) = planned_mut(sip) else { return false };
    meeting.cancelled = Some(stamp);
    true
}

/// The meeting was held; one that had no time set began when it was held.
pub(crate) fn record_held(sip: &mut Sip, stamp: Stamp) -> Result<bool, Refusal> {
    if let Some(meeting) = planned_mut(sip) {
        if local_time::date(stamp.occurred_at) < local_time::date(meeting.starts_at) {
            return Err(Refusal::new(
                "planned_later",
                "Mötet är satt till en senare dag. Flytta det till dagen då det hölls först.",
                "The meeting is set to a later day. Move it to the day on which it was held first.",
            ));
        }
        meeting.held = Some(stamp);
        return Ok(true);
    }
    if is_over(sip) {
        return Err(already_held());
    }
    let starts_at = stamp.occurred_at;
    let held = Some(stamp.clone());
    sip.meetings.push(Meeting { held, ..Meeting::new(stamp, starts_at) });
    Ok(true)
}

/// The meeting that was held last was not: that was recorded by mistake.
pub(crate) fn revoke_held(sip: &mut Sip, stamp: &Stamp) -> Result<bool, Refusal> {
    let Some(held) = sip.held_meeting().map(|meeting| meeting.stamp.id) else {
        return Err(Refusal::new(
            "not_held",
            "Inget möte är registrerat som hållet.",
            "No meeting is recorded as held.",
        ));
    };
    let mut registered = sip.registrations.iter().filter(|one| one.withdrawn.is_none());
    if registered.any(|one| one.meeting == held) {
        return Err(Refusal::new(
            "contact_registered",
            "Kontakten är registrerad. Ta tillbaka registreringen först.",
            "The contact is registered. Withdraw the registration first.",
        ));
    }
    for meeting in sip.meetings.iter_mut().filter(|meeting| meeting.stamp.id == held) {
        meeting.cancelled = Some(stamp.clone());
    }
    Ok(true)
}

/// A meeting was held, and nobody has called or planned another one since.
fn is_over(sip: &Sip) -> bool {
    let is_planned = planned(sip).is_some();
    sip.held_meeting().is_some() && !is_planned && sip.open_calls().next().is_none()
}

/// The meeting that is planned or was held last.
pub(super) fn current_mut(sip: &mut Sip) -> Option<&mut Meeting> {
    sip.meetings.iter_mut().rev().find(|meeting| meeting.cancelled.is_none())
}

fn planned_mut(sip: &mut Sip) -> Option<&mut Meeting> {
    current_mut(sip).filter(|meeting| meeting.held.is_none())
}

/// Who is asked to a meeting that takes the place of this one.
fn asked(meeting: &Meeting) -> Vec<Participant> {
    let still = meeting.participants.iter().filter(|one| one.withdrawn.is_none());
    still.map(|one| Participant { attendance: None, ..one.clone() }).collect()
}

fn check(setting: Setting) -> Result<(), Refusal> {
    if setting.ends_at.is_some_and(|ends_at| ends_at <= setting.starts_at) {
        return Err(Refusal::new(
            "ends_before_it_begins",
            "Mötet slutar innan det börjar. Rätta sluttiden.",
            "The meeting ends before it begins. Correct its end.",
        )
        .at("/ends_at"));
    }
    if setting.form == Some(MeetingForm::Unknown) {
        return Err(Refusal::new(
            "unknown_form",
            "Ange avdelning, mottagning, hemma, video eller telefon.",
            "State ward, reception, home, video or telephone.",
        )
        .at("/form"));
    }
    Ok(())
}

fn not_called() -> Refusal {
    Refusal::new(
        "not_called",
        "Ingen kallelse gäller. Kalla först.",
        "No call is in force. Call first.",
    )
}

#[cfg(test)]
mod tests {
    use contracts::sip::ParticipantRole;

    use super::super::testing::{called, empty, stamp, unit};
    use super::*;

    fn at(hour: u32) -> Setting {
        let (starts_at, ends_at) = (stamp(hour).occurred_at, stamp(hour + 1).occurred_at);
        Setting { starts_at, ends_at: Some(ends_at), form: Some(MeetingForm::Video) }
    }

    fn asked_to(sip: &mut Sip) {
        current_mut(sip).unwrap().participants.push(Participant {
            stamp: stamp(9),
            role: ParticipantRole::Patient,
            party: None,
            unit: None,
            staff: None,
            attendance: None,
            withdrawn: None,
        });
    }

    #[test]
    fn a_time_needs_a_call() {
        let refusal = set_time(&mut empty(), stamp(12).occurred_at, stamp(9)).unwrap_err();
        assert_eq!(refusal.code, "not_called");
    }

    #[test]
    fn a_new_time_gives_the_old_one_up() {
        let mut sip = called();
        set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
        set_time(&mut sip, stamp(14).occurred_at, stamp(10)).unwrap();
        assert_eq!(sip.meeting().unwrap().starts_at, stamp(14).occurred_at);
        assert!(sip.meetings[0].cancelled.is_some());
    }

    #[test]
    fn a_moved_meeting_is_the_same_one_with_the_same_people_length_and_form() {
        let mut sip = called();
        set(&mut sip, at(12), false, stamp(9)).unwrap();
        asked_to(&mut sip);
        set_time(&mut sip, stamp(14).occurred_at, stamp(10)).unwrap();
        let moved = sip.meeting().unwrap();
        assert_eq!(moved.moved_from, Some(stamp(9).id));
        assert_eq!(setting(&sip), Some(at(14)));
        assert_eq!(moved.participants.len(), 1);
    }

    #[test]
    fn the_same_setting_again_is_no_news_and_another_room_is() {
        let mut sip = called();
        assert_eq!(set(&mut sip, at(12), false, stamp(9)), Ok(true));
        assert_eq!(set(&mut sip, at(12), false, stamp(10)), Ok(false));
        assert_eq!(set(&mut sip, at(12), true, stamp(11)), Ok(true));
        assert_eq!(sip.meetings.len(), 2);
    }

    #[test]
    fn a_meeting_ends_after_it_has_begun() {
        let backwards = Setting { ends_at: Some(stamp(11).occurred_at), ..at(12) };
        let refusal = set(&mut called(), backwards, false, stamp(9)).unwrap_err();
        assert_eq!(refusal.field.as_deref(), Some("/ends_at"));
    }

    #[test]
    fn a_cancelled_meeting_leaves_the_call_and_another_one_may_be_set() {
        let mut sip = called();
        set(&mut sip, at(12), false, stamp(9)).unwrap();
        assert!(cancel(&mut sip, stamp(10)));
        assert!(!cancel(&mut sip, stamp(11)));
        assert!(sip.call().is_some() && sip.meeting().is_none());
        set(&mut sip, at(14), false, stamp(11)).unwrap();
        assert_eq!(sip.meeting().unwrap().moved_from, None);
    }

    #[test]
    fn a_meeting_that_is_set_to_a_later_day_was_not_held_yet() {
        let mut sip = called();
        let tomorrow = stamp(12).occurred_at + chrono::TimeDelta::days(1);
        set_time(&mut sip, tomorrow, stamp(9)).unwrap();
        assert_eq!(record_held(&mut sip, stamp(13)).unwrap_err().code, "planned_later");
        set_time(&mut sip, stamp(13).occurred_at, stamp(13)).unwrap();
        assert_eq!(record_held(&mut sip, stamp(12)), Ok(true), "somewhat early is as planned");
    }

    #[test]
    fn what_was_recorded_as_held_by_mistake_can_be_taken_back_and_waits_again() {
        let mut sip = called();
        record_held(&mut sip, stamp(12)).unwrap();
        assert_eq!(revoke_held(&mut sip, &stamp(13)), Ok(true));
        assert!(sip.held_meeting().is_none() && sip.open_calls().count() == 1);
        assert!(sip.meetings[0].held.is_some(), "what was said is kept");
        assert_eq!(revoke_held(&mut sip, &stamp(14)).unwrap_err().code, "not_held");
        assert_eq!(record_held(&mut sip, stamp(15)), Ok(true));
    }

    #[test]
    fn a_meeting_is_held_once_and_a_further_one_may_follow() {
        let mut sip = called();
        set(&mut sip, at(12), false, stamp(9)).unwrap();
        record_held(&mut sip, stamp(13)).unwrap();
        assert_eq!(record_held(&mut sip, stamp(13)).unwrap_err().code, "already_held");
        assert_eq!(
            set_time(&mut sip, at(15).starts_at, stamp(14)).unwrap_err().code,
            "already_held"
        );
        set(&mut sip, at(15), false, stamp(14)).unwrap();
        assert_eq!(sip.meeting().unwrap().moved_from, None);
        record_held(&mut sip, stamp(16)).unwrap();
        assert_eq!(sip.held_meeting().unwrap().starts_at, at(15).starts_at);
        assert_eq!(unit(), sip.call().unwrap().unit);
    }
}
