//! `rulebook`: checks rulebook files, tries one on the facts of a case, and compares two over what has
//! been recorded. Changes nothing.

mod compare;
mod files;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use contracts::commands::{CaseFacts, Explanation};
use deadlines::domain::rulebook::Rulebooks;
use deadlines::domain::{Facts, StepsTaken, derive, explain};
use serde::Serialize;

use self::files::{checked, read};
use super::failure::Failure;
use super::report::Report;
use super::show::explained;
use super::system::Site;
use super::table::Table;

/// How many faults are listed for people: a file that is no rulebook has one on every line.
const LISTED: usize = 50;

/// Arguments of `rulebook`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Check files together with those that are part of the program: every fault with file and line.
    Check {
        /// Rulebook files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Show which duties arise from the facts of a case, when they are due and why.
    Try {
        /// The facts, as JSON: `case`, `assignment` and `sip` as `show --output json` gives them.
        #[arg(long, value_name = "FILE")]
        case: PathBuf,
        /// The region whose rulebook is tried.
        #[arg(long)]
        region: String,
        /// The moment to look from, such as 2027-03-05T15:00:00+01:00; by default the last entry.
        #[arg(long, value_name = "TIME")]
        at: Option<DateTime<Utc>>,
        /// Rulebook files besides those that are part of the program.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Show what would have been owed and missed by one rulebook and by another, over all cases that
    /// `deadlines` knows.
    Compare(compare::Arguments),
}

/// Checks, tries or compares.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    match arguments.what {
        What::Check { files } => check(&files),
        What::Try { case, region, at, files } => try_on(&case, &region, at, &files),
        What::Compare(arguments) => compare::run(site, arguments).await,
    }
}

#[derive(Serialize)]
struct Checked {
    faults: Vec<Fault>,
    rulebooks: Vec<Book>,
}

#[derive(Serialize)]
struct Fault {
    file: String,
    line: usize,
    reason: String,
}

#[derive(Serialize)]
struct Book {
    rulebook: String,
    duties: usize,
    shown: usize,
    tracks: usize,
}

fn check(files: &[PathBuf]) -> Result<Report, Failure> {
    let names: Vec<String> = files.iter().map(|file| files::name(file)).collect();
    match read(files)? {
        Ok(rulebooks) => {
            let rulebooks: Vec<Book> = rulebooks.all().map(book).collect();
            let mut table = Table::new(&[
                ("regelbok", "rulebook"),
                ("åtaganden", "duties"),
                ("visas", "shown"),
                ("spår", "tracks"),
            ]);
            for Book { rulebook, duties, shown, tracks } in &rulebooks {
                let counts = [*duties, *shown, *tracks].map(|count| count.to_string());
                let [duties, shown, tracks] = counts;
                table.row([rulebook.clone(), duties, shown, tracks]);
            }
            let text = format!("Inga fel i / no faults in: {}\n\n{table}", names.join(", "));
            Report::new(&Checked { faults: Vec::new(), rulebooks }, text)
        }
        Err(faults) => {
            let mut lines: Vec<String> =
                faults.iter().take(LISTED).map(ToString::to_string).collect();
            let rest = faults.len().saturating_sub(LISTED);
            lines.extend((rest > 0).then(|| format!("… (+{rest})")));
            let fault = |fault: deadlines::domain::rulebook::RulebookFault| Fault {
                file: fault.file,
                line: fault.line,
                reason: fault.reason,
            };
            let faults = faults.into_iter().map(fault).collect();
            let report = Checked { faults, rulebooks: Vec::new() };
            Ok(Report::new(&report, lines.join("\n"))?.bad_news_if(true))
        }
    }
}

fn book(book: &deadlines::domain::rulebook::Rulebook) -> Book {
    let shown = book.rules.iter().filter(|rule| rule.shown).count();
    Book {
        rulebook: book.name().to_owned(),
        duties: book.rules.len() - shown,
        shown,
        tracks: book.tracks.len(),
    }
}

fn try_on(
    case: &std::path::Path,
    region: &str,
    at: Option<DateTime<Utc>>,
    files: &[PathBuf],
) -> Result<Report, Failure> {
    let rulebooks = checked(files)?;
    if rulebooks.of(region).next().is_none() {
        return Err(no_region(region));
    }
    let facts: CaseFacts = files::json(case)?;
    let now = at.or_else(|| last_entry(&facts)).ok_or_else(no_case)?;
    let explanations = tried(&facts.into(), &rulebooks, region, now)?;
    Report::new(&explanations, explained(&explanations))
}

fn tried(
    facts: &Facts,
    rulebooks: &Rulebooks,
    region: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Explanation>, Failure> {
    let derived = derive(facts, &StepsTaken::default(), rulebooks, region, now);
    let ledger = derived.ok_or_else(no_case)?.ledger;
    Ok(explain(facts, &ledger, rulebooks, region, now))
}

/// When the last of the entries of the stay was recorded.
fn last_entry(facts: &CaseFacts) -> Option<DateTime<Utc>> {
    facts.case.as_ref()?.stamps().map(|stamp| stamp.recorded_at).max()
}

fn no_region(region: &str) -> Failure {
    Failure::usage(
        format!("Det finns ingen regelbok för {region}."),
        format!("There is no rulebook of {region}."),
    )
}

fn no_case() -> Failure {
    Failure::usage("Filen har inget ärende (\"case\").", "The file has no case (\"case\").")
}

#[cfg(test)]
mod tests;
