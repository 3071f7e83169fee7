//! `retry-alerts`: has alerts that reached nobody told once more, after the cause was mended.

use chrono::{DateTime, Utc};
use contracts::alert::AlertState;
use contracts::commands::{Retried, RetryAlerts};

use super::failure::Failure;
use super::report::Report;
use super::sign::Acting;
use super::system::{CaseName, Site};
use super::{when, words};

/// Arguments of `retry-alerts`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Those that stand so; of one that is unresolved, one message more is sent.
    #[arg(long, default_value = "failed", value_parser = words::one_of(words::TO_RETRY))]
    state: AlertState,
    /// Only of this case, by its reference or its id.
    #[arg(long, value_name = "REF|ID")]
    case: Option<CaseName>,
    /// Only those raised since, in real time, as `2026-11-24 14:00`.
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    since: Option<DateTime<Utc>>,
    #[command(flatten)]
    acting: Acting,
}

/// Asks for it.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let Arguments { state, case, since, acting } = arguments;
    let signature = acting.sign()?;
    let system = site.connect().await?;
    let case = match case {
        Some(case) => Some(system.case_id(case).await?),
        None => None,
    };
    let retried = system.tell(&RetryAlerts { state, case, since }, &signature).await?;
    Report::new(&retried, text(&retried))
}

fn text(Retried { queued, replaced, to_nobody }: &Retried) -> String {
    format!(
        "köade på nytt / queued again      {queued}\n\
         andra aviseras / others are told  {replaced}\n\
         ingen att nå / nobody to tell     {to_nobody}"
    )
}
