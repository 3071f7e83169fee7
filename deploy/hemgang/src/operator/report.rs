//! What a command prints: an answer on standard output, a failure on standard error.

use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;

use super::failure::Failure;

/// Who reads it.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// People: Swedish first, English second, no colours.
    Text,
    /// Programs: the answer as it came; failures too.
    Json,
}

/// An answer in both forms.
#[derive(Debug)]
pub(crate) struct Report {
    text: String,
    json: String,
    bad_news: bool,
}

impl Report {
    /// Says `answer`, in these words.
    pub(crate) fn new(answer: &impl Serialize, text: impl Into<String>) -> Result<Self, Failure> {
        let json = serde_json::to_string_pretty(answer).map_err(|_| {
            Failure::new(
                "unwritable",
                "Svaret kan inte skrivas som JSON.",
                "The answer cannot be written as JSON.",
            )
        })?;
        Ok(Self { text: text.into(), json, bad_news: false })
    }

    /// The answer is one, and yet the command did not do what it was to do.
    pub(crate) fn bad_news_if(self, bad_news: bool) -> Self {
        Self { bad_news, ..self }
    }
}

/// Prints the outcome of a command and says how the process ends.
pub(crate) fn print(outcome: Result<Report, Failure>, output: Output) -> ExitCode {
    // Whoever no longer reads has no use for an error either.
    match outcome {
        Ok(report) => {
            let text = if output == Output::Json { &report.json } else { &report.text };
            let _ = writeln!(std::io::stdout().lock(), "{}", harmless(text));
            ExitCode::from(u8::from(report.bad_news))
        }
        Err(failure) => {
            let text = match output {
                Output::Json => serde_json::to_string_pretty(&failure).unwrap_or_default(),
                Output::Text => failure.to_string(),
            };
            let _ = writeln!(std::io::stderr().lock(), "{}", harmless(&text));
            ExitCode::from(failure.exit)
        }
    }
}

/// Names and reasons come from outside; none of them may steer the terminal.
fn harmless(text: &str) -> String {
    let steers = |letter: char| letter.is_control() && letter != '\n';
    text.trim_end().replace(steers, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_steers_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\nc\r\n"), "a\u{fffd}[2Jb\nc");
    }
}
