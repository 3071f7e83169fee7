//! `list`: cases, units, who has read what of a case, and what needs a person: cases to route, alerts that
//! reached nobody.

use contracts::CaseId;
use contracts::alert::AlertState;
use contracts::commands::any::{Access, LIST_ACCESSES, ListAccesses};
use contracts::commands::{ListAlerts, ListCases, ListUnits, ListUnrouted};
use contracts::{Alert, Assignment, Case, MunicipalityCode, Unit};

use super::failure::Failure;
use super::report::Report;
use super::system::{CaseName, Site, System};
use super::table::Table;
use super::{when, words};

/// Arguments of `list`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// The newest cases.
    Cases {
        /// Only those with a judged need.
        #[arg(long)]
        with_need: bool,
        /// How many at most.
        #[arg(long)]
        limit: Option<u16>,
    },
    /// The directory of units.
    Units,
    /// Cases with a party for which no unit was found.
    Unrouted,
    /// Who has read what of a case, on behalf of which unit.
    Accesses {
        /// The case, by its reference or its id.
        #[arg(long, value_name = "REF|ID")]
        case: CaseName,
    },
    /// Alerts that wait for somebody and still hold.
    Alerts {
        /// Those that stand so.
        #[arg(long, default_value = "failed", value_parser = words::one_of(words::WANTING))]
        state: AlertState,
    },
}

/// Lists.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    match arguments.what {
        What::Cases { with_need, limit } => {
            let cases = system.ask(&ListCases { with_need, before: None, limit }).await?;
            Report::new(&cases, cases_text(&cases))
        }
        What::Units => {
            let units = system.ask(&ListUnits {}).await?;
            Report::new(&units, units_text(&units))
        }
        What::Unrouted => {
            let assignments = system.ask(&ListUnrouted {}).await?;
            Report::new(&assignments, unrouted_text(&assignments))
        }
        What::Accesses { case } => {
            let accesses = accesses(&system, system.case_id(case).await?).await?;
            Report::new(&accesses, accesses_text(&accesses))
        }
        What::Alerts { state } => {
            let alerts = system.ask(&ListAlerts { case: None, state: Some(state) }).await?;
            Report::new(&alerts, alerts_text(&alerts))
        }
    }
}

/// The services that show something about a patient.
const SHOWING: [&str; 3] = ["admissions", "coordination", "sip"];

/// All readings of a case, newest first.
async fn accesses(system: &System, case: CaseId) -> Result<Vec<Access>, Failure> {
    let mut all: Vec<Access> = Vec::new();
    for service in SHOWING {
        let mut before = None;
        loop {
            let asked = ListAccesses { case, before };
            let some: Vec<Access> = system.ask_any(service, LIST_ACCESSES, &asked).await?;
            let Some(last) = some.last() else { break };
            before = Some(last.id);
            all.extend(some);
        }
    }
    all.sort_by_key(|access| std::cmp::Reverse(access.at));
    Ok(all)
}

fn accesses_text(accesses: &[Access]) -> String {
    let mut table = Table::new(&[
        ("när", "when"),
        ("vem", "who"),
        ("för enheten", "for the unit"),
        ("vad", "what"),
    ]);
    for access in accesses {
        table.row([
            when::show(access.at),
            access.staff.as_str().to_owned(),
            access.unit.to_string(),
            access.what.clone(),
        ]);
    }
    table.to_string()
}

fn cases_text(cases: &[Case]) -> String {
    let mut table = Table::new(&[
        ("ärende", "case"),
        ("inskriven", "admitted"),
        ("avdelning", "ward"),
        ("beräknad", "estimate"),
        ("klar", "ready"),
        ("utskriven", "discharged"),
        ("berörda", "concerned"),
    ]);
    for case in cases {
        let ward = case.ward.as_ref().unwrap_or(&case.hospital);
        let concerned = case.concerned();
        let concerned: Vec<_> = concerned.iter().map(|party| words::party(*party)).collect();
        let at = |stamp: Option<&contracts::Stamp>| {
            when::show_some(stamp.map(|stamp| stamp.occurred_at))
        };
        table.row([
            case.case_ref.to_string(),
            when::show(case.admitted.occurred_at),
            ward.to_string(),
            when::show_some(case.estimate()),
            at(case.ready_in_force().map(|ready| &ready.stamp)),
            at(case.discharge().map(|discharge| &discharge.stamp)),
            concerned.join(", "),
        ]);
    }
    table.to_string()
}

fn units_text(units: &[Unit]) -> String {
    let mut table = Table::new(&[
        ("enhet", "unit"),
        ("namn", "name"),
        ("i bruk", "active"),
        ("kommun", "municipality"),
        ("betjänar", "serves"),
        ("part", "party"),
    ]);
    for unit in units {
        let serves: Vec<_> = unit.serves.iter().map(MunicipalityCode::as_str).collect();
        table.row([
            unit.unit.to_string(),
            unit.name.clone(),
            words::yes(unit.active),
            unit.municipality.as_ref().map_or("–", MunicipalityCode::as_str).to_owned(),
            serves.join(", "),
            words::party(unit.party).to_owned(),
        ]);
    }
    table.to_string()
}

fn unrouted_text(assignments: &[Assignment]) -> String {
    let mut table = Table::new(&[
        ("ärende", "case"),
        ("sedan", "since"),
        ("part", "party"),
        ("skäl", "reason"),
    ]);
    for assignment in assignments {
        for unrouted in assignment.unrouted.iter().filter(|unrouted| unrouted.ended.is_none()) {
            table.row([
                assignment.case_id.to_string(),
                when::show(unrouted.stamp.occurred_at),
                words::party(unrouted.party).to_owned(),
                words::unrouted(unrouted.reason).to_owned(),
            ]);
        }
    }
    table.to_string()
}

fn alerts_text(alerts: &[Alert]) -> String {
    let mut table = Table::new(&[
        ("avisering", "alert"),
        ("ärende", "case"),
        ("enhet", "unit"),
        ("roll", "role"),
        ("läge", "state"),
    ]);
    for alert in alerts {
        table.row([
            alert.alert_id.to_string(),
            alert.case_id.to_string(),
            alert.unit.to_string(),
            words::role(alert.role).to_owned(),
            words::alert(alert.state).to_owned(),
        ]);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use contracts::Party;

    use super::*;

    #[test]
    fn a_unit_is_listed_with_those_whom_it_serves() {
        let text = units_text(&[Unit {
            unit: "SE2321000016-SOC1".parse().unwrap(),
            party: Party::SocialServices,
            name: "Biståndsenheten".to_owned(),
            municipality: None,
            serves: vec!["2080".parse().unwrap(), "2081".parse().unwrap()],
            active: true,
        }]);
        let row = text.lines().nth(2).unwrap();
        assert_eq!(
            row,
            "SE2321000016-SOC1  Biståndsenheten  ja/yes  –             2080, 2081  \
             socialtjänst/social services"
        );
    }
}
