//! `statistics`: a month's figures, each beside its definition.

mod csv;
mod text;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{Months, NaiveDate};
use contracts::commands::{ShowStatistics, StatisticsBy, StatisticsPage};

use super::failure::Failure;
use super::report::Report;
use super::system::{Site, System};

/// Arguments of `statistics`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The month, such as 2026-11.
    #[arg(long, value_parser = super::payment::month)]
    month: NaiveDate,
    /// This month and those after it, each by itself.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=24))]
    months: u32,
    /// Of each municipality, unit or track too.
    #[arg(long, value_enum)]
    by: Option<By>,
    /// Write comma-separated values, a line per figure with its definition, to this file.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// What figures are given of.
#[derive(Clone, Copy, clap::ValueEnum)]
enum By {
    Municipality,
    Unit,
    Track,
}

impl From<By> for StatisticsBy {
    fn from(by: By) -> Self {
        match by {
            By::Municipality => Self::Municipality,
            By::Unit => Self::Unit,
            By::Track => Self::Track,
        }
    }
}

/// Shows.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    let by = arguments.by.map(StatisticsBy::from).unwrap_or_default();
    let mut months = Vec::new();
    for later in 0..arguments.months {
        let Some(month) = arguments.month.checked_add_months(Months::new(later)) else { break };
        months.push(of_month(&system, month, by).await?);
    }
    let Some(file) = arguments.csv else {
        let texts: Vec<String> = months.iter().map(|page| text::text(page, by)).collect();
        return Report::new(&months, texts.join("\n\n"));
    };
    let lines = csv::lines(&months, by).ok_or_else(|| unwritable(&file))?;
    std::fs::write(&file, lines).map_err(|_| unwritable(&file))?;
    let name = file.display();
    Report::new(&months, format!("Skrivet till {name}.\nWritten to {name}."))
}

/// How often a month may be counted anew while its pages are read.
const TRIES: usize = 3;

/// How long to wait while another counts (real time), and how often: a question counts for three seconds.
const MOMENT: Duration = Duration::from_millis(500);
const MOST_IN_VAIN: u32 = 10;

/// All pages of a month, once it has been counted.
async fn of_month(
    system: &System,
    month: NaiveDate,
    by: StatisticsBy,
) -> Result<StatisticsPage, Failure> {
    for _ in 0..TRIES {
        let mut all = counted(system, month, by).await?;
        let mut next = all.next.take();
        let mut same = true;
        while let Some(after) = next {
            let page = system.ask(&ShowStatistics { month, by, after }).await?;
            same = page.counted_at == all.counted_at;
            all.figures.extend(page.figures);
            // A service that does not go on would be asked for ever.
            next = page.next.filter(|next| same && after < *next);
        }
        if same {
            return Ok(all);
        }
    }
    Err(not_counted())
}

/// The first page. Each question counts on from where the one before came to.
async fn counted(
    system: &System,
    month: NaiveDate,
    by: StatisticsBy,
) -> Result<StatisticsPage, Failure> {
    let (mut looked_at, mut in_vain) = (None, 0);
    while in_vain < MOST_IN_VAIN {
        let page = system.ask(&ShowStatistics { month, by, after: 0 }).await?;
        if page.counted_at.is_some() {
            return Ok(page);
        }
        if looked_at < Some(page.looked_at) {
            (looked_at, in_vain) = (Some(page.looked_at), 0);
        } else {
            // Another counts: that takes a moment.
            in_vain += 1;
            tokio::time::sleep(MOMENT).await;
        }
    }
    Err(not_counted())
}

fn not_counted() -> Failure {
    Failure::new(
        "not_counted",
        "Siffrorna blev inte färdigräknade; försök igen.",
        "The figures were not counted to the end; try again.",
    )
}

fn unwritable(file: &std::path::Path) -> Failure {
    let name = file.display();
    Failure::new(
        "unwritable",
        format!("{name} kan inte skrivas."),
        format!("{name} cannot be written."),
    )
}

#[cfg(test)]
mod tests;
