//! What a ledger costs: its bytes as they are published, and the time that deriving it takes.
//!
//! ```text
//! cargo run -p deadlines --example ledger_cost
//! ```
//!
//! Two cases, one that has just come and one of the red track on its way home, by each region's
//! rulebook. Times are those of the profile that it is built with.

use std::io::Write;
use std::time::Instant;

use chrono::{DateTime, Utc};
use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};
use deadlines::domain::{Facts, StepsTaken, derive};

const CASES: [(&str, &str); 2] =
    [("noticed", include_str!("facts-noticed.json")), ("red", include_str!("facts-red.json"))];
const ROUNDS: u32 = 50;
const BATCHES: u32 = 60;

fn main() -> anyhow::Result<()> {
    let rulebooks = Rulebooks::load(EMBEDDED).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut regions: Vec<&str> = rulebooks.all().map(|book| book.id.as_str()).collect();
    regions.dedup();
    let now: DateTime<Utc> = "2027-03-05T15:00:00Z".parse()?;
    for (name, text) in CASES {
        let facts = read(text)?;
        for region in &regions {
            let steps = StepsTaken::default();
            let again = || derive::derive(&facts, &steps, &rulebooks, region, now);
            let Some(derived) = again() else { continue };
            let bytes = serde_json::to_string(&derived.ledger)?.len();
            // What the lines that are shown would add, were they duties like the others.
            let full = derive::in_full(&facts, &rulebooks, region, now);
            let saved = serde_json::to_string(&full)?.len();
            let batch = || {
                let started = Instant::now();
                for _ in 0..ROUNDS {
                    std::hint::black_box(again());
                }
                started.elapsed() / ROUNDS
            };
            // The best of many: other programs only ever make it longer.
            let each = (0..BATCHES).map(|_| batch()).min().unwrap_or_default();
            let duties = derived.ledger.obligations.len();
            let mut out = std::io::stdout();
            writeln!(
                out,
                "{name:8} {region:20} {duties:3} duties {bytes:6} bytes {each:?} ({} shown, +{saved} bytes)",
                full.len()
            )?;
        }
    }
    Ok(())
}

fn read(text: &str) -> serde_json::Result<Facts> {
    let mut parts: serde_json::Value = serde_json::from_str(text)?;
    let mut part =
        |name: &str| parts.get_mut(name).map(serde_json::Value::take).unwrap_or_default();
    Ok(Facts {
        case: serde_json::from_value(part("case"))?,
        assignment: serde_json::from_value(part("assignment"))?,
        sip: serde_json::from_value(part("sip"))?,
    })
}
