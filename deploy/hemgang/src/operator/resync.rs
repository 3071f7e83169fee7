//! `resync`: has a service say again what it knows, to start a new consumer or to end a restore.

use clap::builder::PossibleValuesParser;
use contracts::commands::any;

use super::failure::Failure;
use super::report::Report;
use super::system::Site;
use crate::service::NAMES;

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
}

/// Asks for it.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    let Arguments { service, restored } = arguments;
    let said: any::Resynced =
        system.ask_any(&service, any::RESYNC, &any::Resync { restored }).await?;
    let number = said.aggregates;
    let text =
        format!("{number} objekt publiceras igen. / {number} aggregates are published again.");
    Report::new(&said, text)
}
