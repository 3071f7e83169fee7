//! `resync`: has a service say again what it knows, to start a new consumer or to end a restore.

use clap::builder::PossibleValuesParser;

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
}

/// Asks for it.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    let said = system.caller.resync(&arguments.service).await.map_err(Failure::of_query)?;
    let number = said.aggregates;
    let text =
        format!("{number} objekt publiceras igen. / {number} aggregates are published again.");
    Report::new(&said, text)
}
