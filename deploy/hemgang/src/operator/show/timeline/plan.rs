//! The history of a plan.

use contracts::sip::{
    Meeting, MeetingForm, NoticedBy, Participant, ParticipantRole, Plan, PlanKind, SipNeed,
    VisitType,
};
use contracts::{HsaId, Party, Sip, Stamp};

use super::super::super::words::way_home;
use super::super::super::{when, words};
use super::Timeline;

pub(in super::super) fn of_sip(sip: &Sip) -> String {
    let mut line = Timeline::default();
    for change in &sip.kind_changes {
        line.add(&change.stamp, "planens slag / kind of plan", kind(change.kind));
    }
    for need in &sip.needs {
        line.add(&need.stamp, "SIP behövs / SIP needed", noticed(need));
        line.add_ended(need.revoked.as_ref(), "behov återtaget / withdrawn", "");
    }
    for call in &sip.calls {
        line.add(&call.stamp, "kallelse / called", call.unit.as_str());
        line.add_ended(call.cancelled.as_ref(), "kallelse avbokad / call cancelled", "");
    }
    for pre_meeting in &sip.pre_meetings {
        line.add(&pre_meeting.stamp, "förmöte / pre-meeting", pre_meeting.unit.as_str());
        for one in &pre_meeting.points {
            line.add(&one.stamp, "utrett / settled", way_home::point(one.point).to_owned());
        }
    }
    for meeting in &sip.meetings {
        of_meeting(&mut line, meeting);
    }
    for plan in &sip.plans {
        of_plan(&mut line, plan);
    }
    for held in &sip.follow_ups {
        let next = held.next_on.map_or("–".to_owned(), |day| day.to_string());
        let detail = format!("{}; nästa/next {next}", parties(&held.parties));
        line.add(&held.stamp, "uppföljning / follow-up", detail);
    }
    for one in &sip.registrations {
        let part = if one.owner { "kontakt/contact" } else { "medverkan/part" };
        let detail = format!("{part}, {}, {}", visit(one.visit_type), one.unit);
        line.add(&one.stamp, "registrering / registration", detail);
    }
    for end in &sip.ends {
        line.add(&end.stamp, words::plan_end(end.kind), words::reason(end.reason));
    }
    line.text()
}

fn of_meeting<'a>(line: &mut Timeline<'a>, meeting: &'a Meeting) {
    let starts = match meeting.form {
        Some(how) => format!("{}, {}", when::show(meeting.starts_at), form(how)),
        None => when::show(meeting.starts_at),
    };
    for one in &meeting.participants {
        // Who is asked to a moved meeting was asked to the one before.
        if one.stamp.recorded_at >= meeting.stamp.recorded_at {
            line.add(&one.stamp, "kallad / asked", participant(one));
        }
        line.add_ended(one.withdrawn.as_ref(), "ej längre kallad / withdrawn", &participant(one));
        if let Some(said) = &one.attendance {
            let what = if said.came { "deltog / came" } else { "frånvarande / absent" };
            line.add(&said.stamp, what, participant(one));
        }
    }
    for one in &meeting.points {
        line.add(&one.stamp, "genomgånget / gone through", way_home::point(one.point).to_owned());
    }
    line.add_ended(meeting.held.as_ref(), "möte hållet / meeting held", &starts);
    line.add_ended(meeting.cancelled.as_ref(), "möte utgår / meeting off", &starts);
    let moved = meeting.moved_from.is_some();
    let what =
        if moved { "möte flyttat / meeting moved" } else { "tid för möte / meeting time" };
    line.add(&meeting.stamp, what, starts);
}

fn of_plan<'a>(line: &mut Timeline<'a>, plan: &'a Plan) {
    let detail = format!(
        "version {}, {}: {}; följs upp/follow-up {}",
        plan.version,
        plan.unit,
        parties(&plan.parties),
        plan.follow_up_on
    );
    line.add(&plan.stamp, "plan / plan", detail);
    for one in &plan.confirmations {
        confirmed(line, &one.stamp, plan.version, one.party, &one.unit);
    }
}

fn confirmed<'a>(
    line: &mut Timeline<'a>,
    stamp: &'a Stamp,
    version: u32,
    party: Party,
    unit: &HsaId,
) {
    let detail = format!("version {version}, {}, {unit}", words::party(party));
    line.add(stamp, "plan bekräftad / plan confirmed", detail);
}

fn parties(all: &[Party]) -> String {
    all.iter().map(|party| words::party(*party)).collect::<Vec<_>>().join(", ")
}

fn participant(one: &Participant) -> String {
    let role = match one.role {
        ParticipantRole::Patient => "patienten/patient",
        ParticipantRole::PatientsOwn => "patientens egna/patient's own",
        ParticipantRole::Leader => "mötesledare/leader",
        ParticipantRole::Staff => "personal/staff",
        ParticipantRole::Unknown => "okänt/unknown",
    };
    match &one.unit {
        Some(unit) => format!("{role}, {unit}"),
        None => role.to_owned(),
    }
}

fn noticed(need: &SipNeed) -> &'static str {
    match need.noticed_by {
        Some(NoticedBy::Staff) => "personal/staff",
        Some(NoticedBy::Patient) => "patienten/patient",
        Some(NoticedBy::Relative) => "närstående/relative",
        Some(NoticedBy::OtherAuthority) => "annan myndighet/other authority",
        Some(NoticedBy::Unknown) => "okänt/unknown",
        None => "",
    }
}

fn kind(kind: PlanKind) -> &'static str {
    match kind {
        PlanKind::Sip => "SIP",
        PlanKind::CompulsoryPsychiatricCare => "LPT/LRV",
        PlanKind::Unknown => "okänt/unknown",
    }
}

fn form(form: MeetingForm) -> &'static str {
    match form {
        MeetingForm::Ward => "avdelning/ward",
        MeetingForm::Reception => "mottagning/reception",
        MeetingForm::Home => "hemma/home",
        MeetingForm::Video => "video",
        MeetingForm::Telephone => "telefon/telephone",
        MeetingForm::Unknown => "okänt/unknown",
    }
}

fn visit(visit: VisitType) -> &'static str {
    match visit {
        VisitType::OtherPlace => "annan plats/other place",
        VisitType::Reception => "mottagning/reception",
        VisitType::Video => "video",
        VisitType::Telephone => "telefon/telephone",
        VisitType::Unknown => "okänt/unknown",
    }
}

#[cfg(test)]
mod tests {
    use contracts::sip::{Attendance, Call, MeetingPoint, PointDone};
    use contracts::{CaseId, EntryId};
    use uuid::Uuid;

    use super::*;

    fn stamp(at: &str) -> Stamp {
        let at = at.parse().unwrap();
        let by = Some("SE2321000016-9A2B".parse().unwrap());
        Stamp { id: EntryId(Uuid::nil()), occurred_at: at, recorded_at: at, by }
    }

    #[test]
    fn a_history_is_told_in_the_order_in_which_it_happened() {
        let mut sip = Sip::new(CaseId(Uuid::nil()));
        let noon = stamp("2026-11-24T11:00:00Z");
        sip.needs = vec![SipNeed { stamp: noon, noticed_by: None, unit: None, revoked: None }];
        sip.calls = vec![Call {
            stamp: stamp("2026-11-24T09:00:00Z"),
            unit: "SE2321000016-VC01".parse().unwrap(),
            need: None,
            cancelled: Some(stamp("2026-11-24T10:00:00Z")),
        }];
        let text = of_sip(&sip);
        let what: Vec<_> = text.lines().skip(2).filter_map(|row| row.split("  ").nth(1)).collect();
        let expected =
            ["kallelse / called", "kallelse avbokad / call cancelled", "SIP behövs / SIP needed"];
        assert_eq!(what, expected, "{text}");
        assert!(text.contains("2026-11-24 10:00") && text.contains("SE2321000016-9A2B"), "{text}");
    }

    #[test]
    fn a_meeting_tells_who_was_asked_who_came_and_what_was_gone_through() {
        let mut sip = Sip::new(CaseId(Uuid::nil()));
        let mut meeting =
            Meeting::new(stamp("2026-11-24T09:00:00Z"), stamp("2026-11-25T09:00:00Z").occurred_at);
        meeting.participants = vec![Participant {
            stamp: stamp("2026-11-24T09:30:00Z"),
            role: ParticipantRole::Staff,
            party: Some(Party::Ward),
            unit: Some("SE2321000016-AVD".parse().unwrap()),
            staff: None,
            attendance: Some(Attendance { stamp: stamp("2026-11-25T10:00:00Z"), came: false }),
            withdrawn: None,
        }];
        let point = MeetingPoint::Supplies;
        meeting.points = vec![PointDone { stamp: stamp("2026-11-25T09:30:00Z"), point }];
        sip.meetings = vec![meeting];
        let text = of_sip(&sip);
        for told in [
            "kallad / asked",
            "frånvarande / absent",
            "förskrivet material/supplies",
            "SE2321000016-AVD",
        ] {
            assert!(text.contains(told), "{text}");
        }
    }
}
