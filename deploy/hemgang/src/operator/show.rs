//! `show` and `explain`: what the services know of one case, as far as it is published: nothing of
//! it says who the patient is.

mod ledger;
mod timeline;

pub(crate) use ledger::explained;

use contracts::Alert;
use contracts::commands::{Explain, ListAlerts, ShowAssignment, ShowLedger, ShowSip};

use super::failure::Failure;
use super::report::Report;
use super::system::{CaseName, Site};
use super::table::Table;
use super::{when, words};

/// Arguments of `show`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What of it.
    what: What,
    #[command(flatten)]
    of: Of,
}

/// Arguments of `explain`.
#[derive(clap::Args)]
pub(crate) struct ExplainArguments {
    #[command(flatten)]
    of: Of,
    /// Only this line of the rulebook, such as K06.
    #[arg(long)]
    rule: Option<String>,
}

#[derive(clap::Args)]
struct Of {
    /// The case, by its reference or its id.
    #[arg(long, value_name = "REF|ID")]
    case: CaseName,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// The stay: admission, need, consent, process, checks, ready, discharge.
    Case,
    /// Routes, receptions, care contact, lead officer, and what the parties plan, ask and confirm.
    Assignment,
    /// The coordinated individual plan.
    Sip,
    /// Every duty, its clock and its steps.
    Ledger,
    /// Who was told what.
    Alerts,
}

/// Shows.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    let name = arguments.of.case;
    if let What::Case = arguments.what {
        let case = system.case(name).await?;
        return Report::new(&case, timeline::of_case(&case));
    }
    let case = system.case_id(name).await?;
    match arguments.what {
        What::Case | What::Assignment => {
            let assignment = system.ask(&ShowAssignment { case }).await?;
            Report::new(&assignment, timeline::of_assignment(&assignment))
        }
        What::Sip => {
            let sip = system.ask(&ShowSip { case }).await?;
            Report::new(&sip, timeline::of_sip(&sip))
        }
        What::Ledger => {
            let ledger = system.ask(&ShowLedger { case }).await?;
            Report::new(&ledger, ledger::text(&ledger))
        }
        What::Alerts => {
            let alerts = system.ask(&ListAlerts { case: Some(case), state: None }).await?;
            Report::new(&alerts, alerts_text(&alerts))
        }
    }
}

/// Explains.
pub(crate) async fn explain(site: Site, arguments: ExplainArguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    let case = system.case_id(arguments.of.case).await?;
    let explanations = system.ask(&Explain { case, rule: arguments.rule }).await?;
    Report::new(&explanations, ledger::explained(&explanations))
}

fn alerts_text(alerts: &[Alert]) -> String {
    let mut table = Table::new(&[
        ("avisering", "alert"),
        ("enhet", "unit"),
        ("roll", "role"),
        ("läge", "state"),
        ("kvitterad", "acknowledged"),
        ("orsak", "cause"),
    ]);
    for alert in alerts {
        let acknowledged = alert.acknowledged.as_ref().map(|stamp| stamp.occurred_at);
        table.row([
            alert.alert_id.to_string(),
            alert.unit.to_string(),
            words::role(alert.role).to_owned(),
            words::alert(alert.state).to_owned(),
            when::show_some(acknowledged),
            alert.cause.to_string(),
        ]);
    }
    table.to_string()
}
