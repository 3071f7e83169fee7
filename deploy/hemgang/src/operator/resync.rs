//! `resync`: has a service say again what it knows, to start a new consumer or to end a restore.

use clap::builder::PossibleValuesParser;
use contracts::commands::any;
use serde::Serialize;

use super::failure::Failure;
use super::reconcile::{self, Comparison};
use super::report::Report;
use super::system::Site;
use crate::service::NAMES;

/// The one whose input from outside nobody can say again.
const FROM_OUTSIDE: &str = "admissions";
/// Forgotten cases that are listed.
const LISTED: usize = 1_000;

/// Arguments of `resync`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The service that is to publish again.
    #[arg(value_parser = PossibleValuesParser::new(NAMES))]
    service: String,
    /// Its database was restored to an earlier moment: begin a new epoch, so that what it says from
    /// now on goes before what it has forgotten.
    #[arg(long)]
    restored: bool,
    /// Do not compare a restored `admissions` with the others first. Which of its cases it knows in an
    /// older version cannot be found out afterwards.
    #[arg(long, requires = "restored")]
    without_comparing: bool,
}

#[derive(Serialize)]
struct Said {
    aggregates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    forgotten: Option<Comparison>,
}

/// Asks for it. What a restored `admissions` has forgotten is found out before the others hear its
/// older versions.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    let Arguments { service, restored, without_comparing } = arguments;
    let is_compared = service == FROM_OUTSIDE && restored && !without_comparing;
    let forgotten =
        if is_compared { Some(reconcile::compare(&system, LISTED).await?) } else { None };
    let said: any::Resynced =
        system.ask_any(&service, any::RESYNC, &any::Resync { restored }).await?;
    let number = said.aggregates;
    let mut text =
        format!("{number} objekt publiceras igen. / {number} aggregates are published again.");
    if let Some(forgotten) = &forgotten {
        text = format!("{}\n\n{text}", forgotten.text());
    }
    let is_lacking = forgotten.as_ref().is_some_and(Comparison::is_lacking);
    Ok(Report::new(&Said { aggregates: number, forgotten }, text)?.bad_news_if(is_lacking))
}
