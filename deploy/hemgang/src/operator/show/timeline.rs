//! Snapshots are histories, so people see them as one: dated entries, oldest first.

mod plan;
mod way_home;

use contracts::case::Discharge;
use contracts::{Assignment, Case, Revocable, Stamp};

use super::super::table::Table;
use super::super::{when, words};

pub(super) use plan::of_sip;

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
         sent känt / joined late     {}\n\
         återinlagd / readmitted     {}\n\n{}",
        case.case_ref,
        case.case_id,
        case.hospital,
        some(case.ward.as_ref().map(contracts::HsaId::as_str)),
        some(case.municipality.as_ref().map(contracts::MunicipalityCode::as_str)),
        some(case.listed_care_centre.as_ref().map(contracts::HsaId::as_str)),
        words::yes(case.protected),
        words::yes(case.joined_late),
        case.readmission.map_or("–", words::readmission),
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
    way_home::of_case(&mut line, case);
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
    way_home::of_cooperation(&mut line, &assignment.cooperation);
    line.text()
}

#[cfg(test)]
mod tests {
    use contracts::CaseId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn nothing_that_has_happened_is_said_to_be_nothing() {
        let text = of_assignment(&Assignment::new(CaseId(Uuid::nil())));
        assert!(text.ends_with("(inga / none)"), "{text}");
    }
}
