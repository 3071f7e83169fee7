//! `reconcile`: what a restored `admissions` has forgotten and the other services know, with whom to
//! ask to send again and from when.
//!
//! The services list the cases that they have heard of in pages, in the order of their ids; the pages
//! are merged and `admissions` is asked of a thousand cases at a time. So nobody holds more than a page,
//! and no case costs a request. A service that is silent ends the comparison: half of one must not look
//! like "nothing is missing".

mod pages;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::commands::{
    CompareCases, HeldCase, KnownCase, KnownContent, ListSenders, RegisteredSender,
};
use contracts::{CaseId, CaseRef, HsaId};
use serde::Serialize;

use self::pages::{Pages, merged};
use super::failure::Failure;
use super::report::Report;
use super::system::{Site, System};
use super::table::Table;
use super::when;

/// Who hears of cases.
const KNOWING: [&str; 3] = ["coordination", "deadlines", "sip"];

/// Arguments of `reconcile`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many cases are listed at most; all are counted.
    #[arg(long, default_value_t = 1_000)]
    limit: usize,
}

/// What the comparison found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Comparison {
    /// Cases that somebody knows.
    compared: usize,
    /// Those that `admissions` lacks.
    missing: usize,
    /// Those that it knows in an older version, or without some entry.
    older: usize,
    /// Whom to ask to send again, and from when.
    ask: Vec<Ask>,
    /// The cases, as many as are to be listed.
    cases: Vec<Lacking>,
}

/// A hospital whose messages were forgotten.
#[derive(Debug, Serialize)]
struct Ask {
    /// Absent where only services that do not keep it know of the case.
    hospital: Option<HsaId>,
    senders: Vec<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

/// A case of which something was forgotten.
#[derive(Debug, Serialize)]
struct Lacking {
    case: CaseId,
    case_ref: Option<CaseRef>,
    /// `missing` or `older`.
    what: What,
    known_by: Vec<&'static str>,
    hospital: Option<HsaId>,
    ward: Option<HsaId>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Missing,
    Older,
}

/// Compares.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    let comparison = compare(&system, arguments.limit).await?;
    let is_lacking = comparison.is_lacking();
    Ok(Report::new(&comparison, comparison.text())?.bad_news_if(is_lacking))
}

/// What `admissions` lacks of what the others know; at most `limit` cases by name.
pub(crate) async fn compare(system: &System, limit: usize) -> Result<Comparison, Failure> {
    let senders = system.ask(&ListSenders {}).await?;
    let mut pages = KNOWING.map(Pages::of);
    let (mut comparison, mut asks) = (Comparison::default(), Asks::default());
    loop {
        let known = merged(system, &mut pages).await?;
        if known.is_empty() {
            break;
        }
        comparison.compared += known.len();
        let cases = known.iter().map(|(known, _)| held(known)).collect();
        let lacking = system.ask(&CompareCases { cases }).await?;
        let mut lacking = lacking.into_iter().peekable();
        for (known, known_by) in known {
            let Some(found) = lacking.next_if(|lacking| lacking.case == known.case) else {
                continue;
            };
            let one = Lacking::of(known, known_by, found.written_at);
            match one.what {
                What::Missing => comparison.missing += 1,
                What::Older => comparison.older += 1,
            }
            asks.add(&one);
            if comparison.cases.len() < limit {
                comparison.cases.push(one);
            }
        }
    }
    comparison.ask = asks.of(&senders);
    Ok(comparison)
}

fn held(known: &KnownCase) -> HeldCase {
    let entries = known.content.as_ref().map(|content| content.entries.clone());
    HeldCase { case: known.case, version: known.version, entries: entries.unwrap_or_default() }
}

impl Lacking {
    fn of(
        known: KnownCase,
        known_by: Vec<&'static str>,
        written_at: Option<DateTime<Utc>>,
    ) -> Self {
        let what = if written_at.is_some() { What::Older } else { What::Missing };
        let (opened_at, changed_at) =
            known.content.as_ref().map(|content| (content.opened_at, content.changed_at)).unzip();
        let (case_ref, hospital, ward) = known.content.map_or((None, None, None), |content| {
            let KnownContent { case_ref, hospital, ward, .. } = content;
            (Some(case_ref), Some(hospital), ward)
        });
        Self {
            case: known.case,
            case_ref,
            what,
            known_by,
            hospital,
            ward,
            // What was written since the restore tells nothing of what was forgotten before it.
            from: written_at.filter(|at| changed_at > Some(*at)).or(opened_at),
            to: changed_at,
        }
    }
}

/// The first and the last moment of what was forgotten, by hospital.
#[derive(Default)]
struct Asks(BTreeMap<Option<HsaId>, Span>);

#[derive(Default)]
struct Span {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl Asks {
    fn add(&mut self, lacking: &Lacking) {
        let span = self.0.entry(lacking.hospital.clone()).or_default();
        span.from = span.from.iter().chain(&lacking.from).min().copied();
        span.to = span.to.max(lacking.to);
    }

    fn of(self, senders: &[RegisteredSender]) -> Vec<Ask> {
        let asks = self.0.into_iter().map(|(hospital, Span { from, to })| {
            let theirs = senders.iter().filter(|one| Some(&one.hospital) == hospital.as_ref());
            let senders = theirs.map(|one| one.sender.clone()).collect();
            Ask { hospital, senders, from, to }
        });
        asks.collect()
    }
}

impl Comparison {
    pub(crate) const fn is_lacking(&self) -> bool {
        self.missing + self.older > 0
    }

    pub(crate) fn text(&self) -> String {
        let Self { compared, missing, older, .. } = self;
        if !self.is_lacking() {
            return format!(
                "Inget saknas: {compared} ärenden jämfördes. / \
                 Nothing is missing: {compared} cases were compared."
            );
        }
        let said = format!(
            "Av {compared} ärenden som andra tjänster känner saknar admissions {missing} och känner \
             {older} i en äldre eller ofullständig version.\n\
             Of {compared} cases that other services know, admissions lacks {missing} and knows \
             {older} in an older or incomplete version."
        );
        let unlisted = (missing + older).saturating_sub(self.cases.len());
        let unlisted = if unlisted == 0 {
            String::new()
        } else {
            format!("\n(ytterligare {unlisted} / {unlisted} more)")
        };
        format!("{said}\n\n{}{unlisted}\n\n{}", self.cases_text(), self.asks_text())
    }

    fn cases_text(&self) -> String {
        let mut table = Table::new(&[
            ("ärende", "case"),
            ("läge", "state"),
            ("från", "from"),
            ("till", "to"),
            ("sjukhus", "hospital"),
            ("avdelning", "ward"),
            ("känt av", "known by"),
            ("id", "id"),
        ]);
        let name = |id: &Option<HsaId>| id.as_ref().map_or("–".to_owned(), HsaId::to_string);
        for one in &self.cases {
            let what = match one.what {
                What::Missing => "saknas/missing",
                What::Older => "äldre/older",
            };
            table.row([
                one.case_ref.map_or("–".to_owned(), |case_ref| case_ref.to_string()),
                what.to_owned(),
                when::show_some(one.from),
                when::show_some(one.to),
                name(&one.hospital),
                name(&one.ward),
                one.known_by.join(", "),
                one.case.to_string(),
            ]);
        }
        table.to_string()
    }

    fn asks_text(&self) -> String {
        let lines = self.ask.iter().map(|ask| {
            let (from, to) = (when::show_some(ask.from), when::show_some(ask.to));
            let Some(hospital) = &ask.hospital else {
                return "För några ärenden är sjukhuset inte känt. / The hospital of some cases is \
                        not known."
                    .to_owned();
            };
            let senders = ask.senders.join(", ");
            format!(
                "Be {hospital} (avsändare: {senders}) att sända om allt från {from} till {to}, och \
                 personalen att göra om det som de gjorde då.\n\
                 Ask {hospital} (senders: {senders}) to send again everything from {from} to {to}, \
                 and its staff to do again what they did then."
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
