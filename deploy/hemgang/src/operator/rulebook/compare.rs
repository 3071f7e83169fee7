//! `rulebook compare`.

use std::path::PathBuf;

use contracts::commands::ListFacts;
use deadlines::domain::compare::{Compared, Comparison};
use deadlines::domain::rulebook::{Rulebook, Rulebooks};

use super::files::checked;
use crate::operator::failure::Failure;
use crate::operator::report::Report;
use crate::operator::system::Site;
use crate::operator::table::Table;
use crate::operator::{when, words};

/// How many of the duties that are newly missed are listed for people.
const LISTED: usize = 50;

/// Arguments of `rulebook compare`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The first rulebook, such as dalarna-2026.1.
    #[arg(long, value_name = "RULEBOOK")]
    from: String,
    /// The second one.
    #[arg(long, value_name = "RULEBOOK")]
    to: String,
    /// Rulebook files besides those that are part of the program.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Compares.
pub(super) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let rulebooks = checked(&arguments.files)?;
    let from = named(&rulebooks, &arguments.from)?;
    let to = named(&rulebooks, &arguments.to)?;
    let mut comparison = Comparison::new(from, to);
    let system = site.connect().await?;
    let mut after = None;
    loop {
        let page = system.ask(&ListFacts { after }).await?;
        for facts in page.cases {
            comparison.add(&facts.into(), page.now);
        }
        // A service that does not go on would be asked for ever.
        if page.next.is_none() || page.next <= after {
            break;
        }
        after = page.next;
    }
    let compared = comparison.finish();
    Report::new(&compared, text(&compared, from, to))
}

/// By its name with a space or a hyphen.
fn named<'a>(rulebooks: &'a Rulebooks, name: &str) -> Result<&'a Rulebook, Failure> {
    let found = rulebooks.all().find(|book| book.name() == name || file_name(book) == name);
    found.ok_or_else(|| {
        let all: Vec<String> = rulebooks.all().map(file_name).collect();
        let all = all.join(", ");
        Failure::usage(
            format!("Det finns ingen regelbok {name}. De som finns: {all}."),
            format!("There is no rulebook {name}. There are: {all}."),
        )
    })
}

fn file_name(book: &Rulebook) -> String {
    format!("{}-{}", book.id, book.version)
}

fn text(compared: &Compared, from: &Rulebook, to: &Rulebook) -> String {
    let mut lines = Table::new(&[
        ("rad", "rule"),
        ("ansvarig", "owner"),
        ("åtaganden förut", "duties before"),
        ("missade förut", "missed before"),
        ("aldrig gjorda förut", "never done before"),
        ("åtaganden nu", "duties now"),
        ("missade nu", "missed now"),
        ("aldrig gjorda nu", "never done now"),
    ]);
    for line in &compared.lines {
        lines.row([
            line.rule.clone(),
            words::owner(line.owner).to_owned(),
            line.from.owed.to_string(),
            line.from.missed.to_string(),
            line.from.never.to_string(),
            line.to.owed.to_string(),
            line.to.missed.to_string(),
            line.to.never.to_string(),
        ]);
    }
    let mut missed = Table::new(&[
        ("ärende", "case"),
        ("rad", "rule"),
        ("ansvarig", "owner"),
        ("senast", "due"),
    ]);
    for one in compared.newly_missed.iter().take(LISTED) {
        let owner = words::owner(one.owner).to_owned();
        missed.row([one.case.to_string(), one.rule.clone(), owner, when::show_some(one.due)]);
    }
    let rest = compared.newly_missed.len().saturating_sub(LISTED);
    let rest = if rest == 0 { String::new() } else { format!("\n… (+{rest})") };
    format!(
        "{} → {}: {} ärenden / cases\n\n{lines}\n\nMissade bara enligt den andra / missed only by \
         the second:\n{missed}{rest}",
        from.name(),
        to.name(),
        compared.cases,
    )
}
