//! What a pre-meeting settles and a meeting goes through, ticked one by one (Örebro, Vägledning SIP
//! vid rött spår).

use contracts::commands::Refusal;
use contracts::sip::{MeetingPoint, PointDone, PreMeeting};
use contracts::{EntryId, HsaId, Sip, Stamp};

use super::meeting::current_mut;
use super::people::no_meeting;

/// A pre-meeting was held.
pub(crate) fn record_pre_meeting(
    sip: &mut Sip,
    unit: &HsaId,
    points: &[MeetingPoint],
    stamp: &Stamp,
) -> Result<bool, Refusal> {
    let mut pre_meeting =
        PreMeeting { stamp: stamp.clone(), unit: unit.clone(), points: Vec::new() };
    for (at, point) in points.iter().enumerate() {
        if !MeetingPoint::BEFORE.contains(point) {
            return Err(Refusal::new(
                "not_before",
                "Det är ingen av de åtta punkterna som reds ut före mötet.",
                "It is none of the eight points that are settled before the meeting.",
            )
            .at(&format!("/points/{at}")));
        }
        // Each point is an entry of its own; they were settled together.
        let id = EntryId::derive("point", &[&stamp.id.to_string(), &at.to_string()]);
        tick_in(&mut pre_meeting.points, *point, Stamp { id, ..stamp.clone() });
    }
    sip.pre_meetings.push(pre_meeting);
    Ok(true)
}

/// Something was gone through. False when it was ticked already.
pub(crate) fn tick(sip: &mut Sip, point: MeetingPoint, stamp: Stamp) -> Result<bool, Refusal> {
    if MeetingPoint::AT_MEETING.contains(&point) {
        let meeting = current_mut(sip).ok_or_else(no_meeting)?;
        return Ok(tick_in(&mut meeting.points, point, stamp));
    }
    if !MeetingPoint::BEFORE.contains(&point) {
        return Err(Refusal::new(
            "unknown_point",
            "Punkten är okänd här. Ange en av de åtta före mötet eller de nio vid det.",
            "The point is unknown here. State one of the eight before the meeting or the nine at it.",
        )
        .at("/point"));
    }
    let pre_meeting = sip.pre_meetings.last_mut().ok_or_else(|| {
        Refusal::new(
            "no_pre_meeting",
            "Punkten reds ut vid ett förmöte, och inget är registrerat. Registrera det först.",
            "The point is settled at a pre-meeting, and none is recorded. Record it first.",
        )
        .at("/point")
    })?;
    Ok(tick_in(&mut pre_meeting.points, point, stamp))
}

fn tick_in(done: &mut Vec<PointDone>, point: MeetingPoint, stamp: Stamp) -> bool {
    if done.iter().any(|one| one.point == point) {
        return false;
    }
    done.push(PointDone { stamp, point });
    true
}

#[cfg(test)]
mod tests {
    use super::super::meeting::set_time;
    use super::super::testing::{called, empty, stamp, unit};
    use super::*;

    #[test]
    fn each_of_the_nine_points_is_ticked_once_at_the_meeting() {
        let mut sip = called();
        set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
        for point in MeetingPoint::AT_MEETING {
            assert_eq!(tick(&mut sip, point, stamp(12)), Ok(true));
            assert_eq!(tick(&mut sip, point, stamp(13)), Ok(false));
        }
        assert_eq!(sip.meeting().unwrap().points.len(), 9);
    }

    #[test]
    fn the_eight_points_before_are_settled_at_a_pre_meeting() {
        let mut sip = empty();
        let first = MeetingPoint::Treatment;
        assert_eq!(tick(&mut sip, first, stamp(8)).unwrap_err().code, "no_pre_meeting");
        record_pre_meeting(&mut sip, &unit(), &[first, first], &stamp(9)).unwrap();
        for point in MeetingPoint::BEFORE {
            assert_eq!(tick(&mut sip, point, stamp(10)), Ok(point != first));
        }
        assert_eq!(sip.pre_meetings[0].points.len(), 8);
    }

    #[test]
    fn what_belongs_to_the_meeting_is_not_settled_before_it() {
        let points = [MeetingPoint::Treatment, MeetingPoint::Supplies];
        let refusal = record_pre_meeting(&mut empty(), &unit(), &points, &stamp(9)).unwrap_err();
        assert_eq!(refusal.field.as_deref(), Some("/points/1"));
        let refusal = tick(&mut empty(), MeetingPoint::Supplies, stamp(9)).unwrap_err();
        assert_eq!(refusal.code, "no_meeting");
    }
}
