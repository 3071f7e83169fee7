//! Snapshots are histories, so people see them as one: dated entries, oldest first.

use contracts::case::Discharge;
use contracts::{Assignment, Case, Revocable, Sip, Stamp};

use super::super::table::Table;
use super::super::{when, words};

/// Entries in the order in which they happened.
#[derive(Default)]
struct Timeline<'a> {
    entries: Vec<(&'a Stamp, &'static str, String)>,
}

impl<'a> Timeline<'a> {
    fn add(&mut self, stamp: &'a Stamp, what: &'static str, detail: impl Into<String>) {
        self.entries.push((stamp, what, detail.into()));
    }

    /// Something that may have ended since.
    fn add_ended(&mut self, ended: Option<&'a Stamp>, what: &'static str, detail: &str) {
        if let Some(stamp) = ended {
            self.add(stamp, what, detail);
        }
    }

    fn add_revocable(&mut self, all: &'a [Revocable], said: &'static str, revoked: &'static str) {
        for entry in all {
            self.add(&entry.stamp, said, "");
            self.add_ended(entry.revoked.as_ref(), revoked, "");
        }
    }

    fn text(mut self) -> String {
        self.entries.sort_by_key(|(stamp, ..)| (stamp.occurred_at, stamp.recorded_at));
        let mut table = Table::new(&[
            ("när", "when"),
            ("vad", "what"),
            ("uppgift", "detail"),
            ("av", "by"),
            ("registrerat", "recorded"),
        ]);
        for (stamp, what, detail) in self.entries {
            let by = stamp.by.as_ref().map_or("–", |staff| staff.as_str());
            table.row([
                when::show(stamp.occurred_at),
                what.to_owned(),
                detail,
                by.to_owned(),
                when::show(stamp.recorded_at),
            ]);
        }
        table.to_string()
    }
}

pub(super) fn of_case(case: &Case) -> String {
    let some = |id: Option<&str>| id.unwrap_or("–").to_owned();
    format!(
        "Vårdtillfälle / case        {} ({})\n\
         sjukhus / hospital          {}\n\
         avdelning / ward            {}\n\
         kommun / municipality       {}\n\
         vårdcentral / care centre   {}\n\
         skyddad / protected         {}\n\
         sent känt / joined late     {}\n\n{}",
        case.case_ref,
        case.case_id,
        case.hospital,
        some(case.ward.as_ref().map(contracts::HsaId::as_str)),
        some(case.municipality.as_ref().map(contracts::MunicipalityCode::as_str)),
        some(case.listed_care_centre.as_ref().map(contracts::HsaId::as_str)),
        words::yes(case.protected),
        words::yes(case.joined_late),
        history_of_case(case),
    )
}

fn history_of_case(case: &Case) -> String {
    let mut line = Timeline::default();
    line.add(&case.admitted, "inskriven / admitted", "");
    for place in &case.places {
        let ward = place.ward.as_ref().map_or("–", |ward| ward.as_str());
        line.add(&place.stamp, "avdelning / ward", ward);
    }
    line.add_revocable(&case.cancellations, "inskrivning struken / cancelled", "gäller / restored");
    line.add_ended(case.identified.as_ref(), "identitet känd / identified", "");
    for estimate in &case.estimates {
        let at = when::show_some(estimate.at);
        line.add(&estimate.stamp, "beräknad utskrivning / estimate", at);
    }
    for need in &case.needs {
        let mut parties: Vec<_> = need.parties.iter().map(|party| words::party(*party)).collect();
        if need.frequent_patient {
            parties.push("mångbesökare/frequent patient");
        }
        line.add(&need.stamp, "behov / need", parties.join(", "));
        line.add_ended(need.withdrawn.as_ref(), "behov återtaget / need withdrawn", "");
    }
    for consent in &case.consents {
        line.add(&consent.stamp, "samtycke / consent", words::consent(consent.answer));
    }
    for read in &case.reads {
        line.add(&read.stamp, "meddelandet läst / notice read", read.unit.as_str());
    }
    line.add_revocable(&case.ready, "utskrivningsklar / ready", "inte klar / ready revoked");
    for Discharge { stamp, revoked } in &case.discharges {
        line.add(stamp, "utskriven / discharged", "");
        line.add_ended(revoked.as_ref(), "utskrivning struken / revoked", "");
    }
    line.add_revocable(&case.deaths, "avliden / died", "struket / revoked");
    line.text()
}

pub(super) fn of_assignment(assignment: &Assignment) -> String {
    let mut line = Timeline::default();
    for route in &assignment.routes {
        let detail = format!("{}, {}", words::party(route.party), route.unit);
        line.add_ended(route.ended.as_ref(), "fördelning upphörd / route ended", &detail);
        line.add(&route.stamp, "mottagande / reception", detail);
    }
    for unrouted in &assignment.unrouted {
        let party = words::party(unrouted.party);
        let detail = format!("{party}: {}", words::unrouted(unrouted.reason));
        line.add(&unrouted.stamp, "kunde inte fördelas / unrouted", detail);
        line.add_ended(unrouted.ended.as_ref(), "löst / settled", party);
    }
    for receipt in &assignment.receipts {
        line.add(&receipt.stamp, "kvittens / receipt", receipt.unit.as_str());
    }
    let offices = [
        (&assignment.care_contacts, "fast vårdkontakt / care contact"),
        (&assignment.lead_officers, "huvudhandläggare / lead officer"),
    ];
    for (appointments, office) in offices {
        for appointment in appointments {
            line.add(&appointment.stamp, office, words::appointed(&appointment.appointed));
        }
    }
    for report in &assignment.support_reports {
        let detail = format!("{}, {}", words::party(report.party), report.unit);
        line.add(&report.stamp, "stödrapport / support report", detail);
    }
    line.text()
}

pub(super) fn of_sip(sip: &Sip) -> String {
    let mut line = Timeline::default();
    for need in &sip.needs {
        line.add(&need.stamp, "SIP behövs / SIP needed", "");
        line.add_ended(need.revoked.as_ref(), "behov återtaget / withdrawn", "");
    }
    for call in &sip.calls {
        line.add(&call.stamp, "kallelse / called", call.unit.as_str());
        line.add_ended(call.cancelled.as_ref(), "kallelse avbokad / call cancelled", "");
    }
    for meeting in &sip.meetings {
        let starts = when::show(meeting.starts_at);
        line.add_ended(meeting.held.as_ref(), "möte hållet / meeting held", &starts);
        line.add_ended(meeting.cancelled.as_ref(), "möte utgår / meeting off", &starts);
        line.add(&meeting.stamp, "tid för möte / meeting time", starts);
    }
    for end in &sip.ends {
        line.add(&end.stamp, words::plan_end(end.kind), words::reason(end.reason));
    }
    line.text()
}

#[cfg(test)]
mod tests {
    use contracts::sip::{Call, SipNeed};
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
    fn nothing_that_has_happened_is_said_to_be_nothing() {
        let text = of_assignment(&Assignment::new(CaseId(Uuid::nil())));
        assert!(text.ends_with("(inga / none)"), "{text}");
    }
}
