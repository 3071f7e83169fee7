//! Who is asked to a meeting, and who came.

use chrono::{DateTime, Utc};
use contracts::commands::Refusal;
use contracts::sip::{Attendance, Meeting, Participant, ParticipantRole};
use contracts::{EntryId, HsaId, Party, Sip, StaffId, Stamp};

use super::meeting::current_mut;

/// Most people at a meeting.
const MOST: usize = 50;

/// Somebody to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Invitee {
    pub(crate) role: ParticipantRole,
    pub(crate) party: Option<Party>,
    pub(crate) unit: Option<HsaId>,
    pub(crate) staff: Option<StaffId>,
    /// A name is given with it; which stays outside of this.
    pub(crate) is_named: bool,
}

/// Asks somebody to the meeting. False when they are asked already.
pub(crate) fn ask(sip: &mut Sip, invitee: Invitee, stamp: Stamp) -> Result<bool, Refusal> {
    check(&invitee)?;
    let meeting = current_mut(sip).ok_or_else(no_meeting)?;
    let mut asked = meeting.participants.iter().filter(|one| one.withdrawn.is_none());
    if asked.clone().any(|one| is_same(one, &invitee)) {
        return Ok(false);
    }
    if invitee.role == ParticipantRole::Leader
        && asked.any(|one| one.role == ParticipantRole::Leader)
    {
        return Err(Refusal::new(
            "has_leader",
            "Mötet har redan en ledare. Ta tillbaka den först.",
            "The meeting has a leader already. Withdraw that one first.",
        )
        .at("/role"));
    }
    if meeting.participants.len() >= MOST {
        return Err(Refusal::new(
            "too_many",
            format!("Högst {MOST} deltagare."),
            format!("At most {MOST} participants."),
        ));
    }
    let Invitee { role, party, unit, staff, .. } = invitee;
    let (attendance, withdrawn) = (None, None);
    let one = Participant { stamp, role, party, unit, staff, attendance, withdrawn };
    meeting.participants.push(one);
    Ok(true)
}

/// Somebody is no longer asked. False when that is so already.
pub(crate) fn withdraw(sip: &mut Sip, participant: EntryId, stamp: Stamp) -> Result<bool, Refusal> {
    let meeting = current_mut(sip).ok_or_else(no_meeting)?;
    let one = find(meeting, participant)?;
    if one.withdrawn.is_some() {
        return Ok(false);
    }
    if one.attendance.as_ref().is_some_and(|attendance| attendance.came) {
        return Err(Refusal::new(
            "has_come",
            "Deltagaren har varit med. Rätta närvaron först.",
            "The participant was there. Correct the attendance first.",
        )
        .at("/participant"));
    }
    one.withdrawn = Some(stamp);
    Ok(true)
}

/// Somebody came, or was absent; a later word replaces an earlier one. False when it was said already.
pub(crate) fn record_attendance(
    sip: &mut Sip,
    participant: EntryId,
    came: bool,
    stamp: Stamp,
    now: DateTime<Utc>,
) -> Result<bool, Refusal> {
    let meeting = current_mut(sip).ok_or_else(no_meeting)?;
    if meeting.held.is_none() && now < meeting.starts_at {
        return Err(Refusal::new(
            "not_begun",
            "Mötet har inte börjat. Ta tillbaka den som inte kommer.",
            "The meeting has not begun. Withdraw whoever will not come.",
        ));
    }
    let one = find(meeting, participant)?;
    if one.withdrawn.is_some() {
        return Err(Refusal::new(
            "withdrawn",
            "Deltagaren är inte längre kallad. Kalla på nytt.",
            "The participant is no longer asked. Ask again.",
        )
        .at("/participant"));
    }
    if one.attendance.as_ref().is_some_and(|said| said.came == came) {
        return Ok(false);
    }
    one.attendance = Some(Attendance { stamp, came });
    Ok(true)
}

fn is_same(one: &Participant, invitee: &Invitee) -> bool {
    // Of the patient's own people there may be several.
    one.role != ParticipantRole::PatientsOwn
        && (one.role, one.party, &one.unit, &one.staff)
            == (invitee.role, invitee.party, &invitee.unit, &invitee.staff)
}

fn check(invitee: &Invitee) -> Result<(), Refusal> {
    let is_staff = match invitee.role {
        ParticipantRole::Leader | ParticipantRole::Staff => true,
        ParticipantRole::Patient | ParticipantRole::PatientsOwn => false,
        ParticipantRole::Unknown => return Err(unknown_role()),
    };
    let has_party = invitee.party.is_some_and(|party| party != Party::Unknown);
    let fault = if has_party != is_staff {
        Some("/party")
    } else if invitee.unit.is_some() != is_staff {
        Some("/unit")
    } else {
        None
    };
    if let Some(field) = fault {
        return Err(Refusal::new(
            "role_and_unit",
            "Personal har part och enhet; patienten och de egna har det inte.",
            "Staff have a party and a unit; the patient and the patient's own people do not.",
        )
        .at(field));
    }
    if !is_staff && invitee.staff.is_some() {
        return Err(unknown_role().at("/staff"));
    }
    if invitee.is_named && invitee.role != ParticipantRole::PatientsOwn {
        return Err(Refusal::new(
            "no_name_here",
            "Bara patientens egna anges med namn; personal anges med HSA-id.",
            "Only the patient's own people are given by name; staff by HSA-id.",
        )
        .at("/who"));
    }
    Ok(())
}

fn find(meeting: &mut Meeting, participant: EntryId) -> Result<&mut Participant, Refusal> {
    let mut all = meeting.participants.iter_mut();
    all.find(|one| one.stamp.id == participant).ok_or_else(|| {
        Refusal::new(
            "no_such_participant",
            "Ingen sådan deltagare i mötet. Se show_sip.",
            "There is no such participant in the meeting. See show_sip.",
        )
        .at("/participant")
    })
}

fn unknown_role() -> Refusal {
    Refusal::new(
        "unknown_role",
        "Ange patient, patientens egna, mötesledare eller personal; bara personal har HSA-id.",
        "State patient, patient's own, leader or staff; only staff have an HSA-id.",
    )
    .at("/role")
}

pub(super) fn no_meeting() -> Refusal {
    Refusal::new(
        "no_meeting",
        "Inget möte är planerat eller hållet. Sätt en tid först.",
        "No meeting is planned or held. Set a time first.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::meeting::{record_held, set_time};
    use super::super::testing::{called, staff, stamp, unit};
    use super::*;

    fn meeting_at_noon() -> Sip {
        let mut sip = called();
        set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
        sip
    }

    fn nurse() -> Invitee {
        Invitee {
            role: ParticipantRole::Staff,
            party: Some(Party::OpenCare),
            unit: Some(unit()),
            staff: Some(staff()),
            is_named: false,
        }
    }

    fn relative() -> Invitee {
        let (party, unit, staff) = (None, None, None);
        Invitee { role: ParticipantRole::PatientsOwn, party, unit, staff, is_named: true }
    }

    #[test]
    fn somebody_is_asked_once_and_relatives_each() {
        let mut sip = meeting_at_noon();
        assert_eq!(ask(&mut sip, nurse(), stamp(10)), Ok(true));
        assert_eq!(ask(&mut sip, nurse(), stamp(11)), Ok(false));
        assert_eq!(ask(&mut sip, relative(), stamp(10)), Ok(true));
        assert_eq!(ask(&mut sip, relative(), stamp(11)), Ok(true));
        assert_eq!(sip.meeting().unwrap().participants.len(), 3);
    }

    #[test]
    fn staff_have_a_unit_and_relatives_have_none() {
        let mut sip = meeting_at_noon();
        let without = Invitee { unit: None, ..nurse() };
        let refusal = ask(&mut sip, without, stamp(10)).unwrap_err();
        assert_eq!(refusal.field.as_deref(), Some("/unit"));
        let with = Invitee { party: Some(Party::Ward), ..relative() };
        assert_eq!(ask(&mut sip, with, stamp(10)).unwrap_err().field.as_deref(), Some("/party"));
    }

    #[test]
    fn a_name_is_for_the_patients_own_people_alone() {
        let named = Invitee { is_named: true, ..nurse() };
        let refusal = ask(&mut meeting_at_noon(), named, stamp(10)).unwrap_err();
        assert_eq!(refusal.field.as_deref(), Some("/who"));
    }

    #[test]
    fn one_leads() {
        let mut sip = meeting_at_noon();
        let leader = Invitee { role: ParticipantRole::Leader, ..nurse() };
        ask(&mut sip, leader.clone(), stamp(10)).unwrap();
        let other = Invitee { staff: None, ..leader };
        assert_eq!(ask(&mut sip, other, stamp(11)).unwrap_err().code, "has_leader");
    }

    #[test]
    fn nobody_has_come_before_the_meeting_begins() {
        let mut sip = meeting_at_noon();
        ask(&mut sip, nurse(), stamp(10)).unwrap();
        let (who, eleven) = (stamp(10).id, stamp(11).occurred_at);
        let refusal = record_attendance(&mut sip, who, true, stamp(11), eleven).unwrap_err();
        assert_eq!(refusal.code, "not_begun");
    }

    #[test]
    fn absence_is_recorded_and_can_be_corrected() {
        let mut sip = meeting_at_noon();
        ask(&mut sip, nurse(), stamp(10)).unwrap();
        record_held(&mut sip, stamp(13)).unwrap();
        let (who, now) = (stamp(10).id, stamp(14).occurred_at);
        for (came, news) in [(false, true), (false, false), (true, true)] {
            assert_eq!(record_attendance(&mut sip, who, came, stamp(14), now), Ok(news));
        }
        assert_eq!(withdraw(&mut sip, who, stamp(15)).unwrap_err().code, "has_come");
    }

    #[test]
    fn who_is_withdrawn_is_not_asked_to_the_moved_meeting() {
        let mut sip = meeting_at_noon();
        ask(&mut sip, nurse(), stamp(10)).unwrap();
        assert_eq!(withdraw(&mut sip, stamp(10).id, stamp(11)), Ok(true));
        assert_eq!(withdraw(&mut sip, stamp(10).id, stamp(11)), Ok(false));
        set_time(&mut sip, stamp(15).occurred_at, stamp(11)).unwrap();
        assert!(sip.meeting().unwrap().participants.is_empty());
    }
}
