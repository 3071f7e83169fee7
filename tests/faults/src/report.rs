//! What is printed.

use crate::fault::ALL;
use crate::run::Report;

/// The faults by name.
#[expect(clippy::print_stdout, reason = "the answer")]
pub(crate) fn list() {
    for fault in ALL {
        println!("{:24}{}", fault.name, fault.words);
    }
}

/// One line for a program.
#[expect(clippy::print_stdout, reason = "the answer")]
pub(crate) fn json(report: &Report) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(report)?);
    Ok(())
}

/// What was broken when, what was looked at, and what is not as it must be.
#[expect(clippy::print_stdout, reason = "the answer")]
#[expect(clippy::unnecessary_wraps, reason = "like the other way of telling")]
pub(crate) fn text(report: &Report, lasts: u64) -> anyhow::Result<()> {
    println!("seed {}, {:.0} s", report.seed, report.seconds);
    for struck in &report.struck {
        let recovered = match struck.recovered_s {
            Some(seconds) => format!("gets on after {seconds:.1} s"),
            None => "DOES NOT GET ON".to_owned(),
        };
        let at = struck.from.format("%T%.3f");
        println!("  {at}  {:22} {recovered:24} {}", struck.fault, struck.detail);
    }
    for exit in &report.exits {
        println!("  ended by itself: {exit}");
    }
    for skipped in &report.skipped {
        println!("  SKIPPED {skipped}");
    }
    let counts = report.findings.counts.iter();
    let counts: Vec<String> = counts.map(|(what, number)| format!("{number} {what}")).collect();
    println!("  looked at: {}", counts.join(", "));
    if report.is_sound() {
        println!("  all holds");
        return Ok(());
    }
    for broken in &report.findings.broken {
        println!("  BROKEN {broken}");
    }
    if let Some(logs) = &report.logs {
        println!("  logs: {}", logs.display());
    }
    println!(
        "  again: cargo run -p faults -- run --seed {} --lasts {lasts} --fault {}",
        report.seed,
        report.faults.join(",")
    );
    Ok(())
}
