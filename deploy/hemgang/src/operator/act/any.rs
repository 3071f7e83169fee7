//! Any command or query of any service, by its name, for what has no deed of its own. Its fields are
//! those of `shared/contracts/schemas/commands`.

use std::io::Read;

use contracts::CaseId;
use serde_json::{Map, Value};

use super::super::failure::Failure;
use super::super::report::Report;
use super::Desk;

/// The longest request, in bytes: what the broker carries in one message.
const LONGEST: u64 = 1024 * 1024;

#[derive(clap::Args)]
pub(super) struct Deed {
    /// The service that owns it.
    #[arg(value_parser = ["admissions", "coordination", "sip", "deadlines", "notifications"])]
    service: String,
    /// Its name, such as `write_entry`.
    verb: String,
    /// Its fields as a JSON object; read from standard input when absent. `--case` adds the case.
    #[arg(long, value_name = "JSON")]
    fields: Option<String>,
}

impl Deed {
    pub(super) async fn do_it(self, desk: &Desk, case: Option<CaseId>) -> Result<Report, Failure> {
        let text = match self.fields {
            Some(text) => text,
            // On a thread of its own: the broker wants its pings answered meanwhile.
            None => tokio::task::spawn_blocking(|| read(std::io::stdin().lock()))
                .await
                .map_err(|_| no_object())??,
        };
        let mut fields: Map<String, Value> =
            serde_json::from_str(&text).map_err(|_| no_object())?;
        if let Some(case) = case {
            fields.insert("case".to_owned(), Value::String(case.to_string()));
        }
        let answer: Value = desk.send(&self.service, &self.verb, &fields).await?;
        let text = serde_json::to_string_pretty(&answer).unwrap_or_default();
        Report::new(&answer, text)
    }
}

fn read(input: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    input.take(LONGEST).read_to_string(&mut text).map_err(|_| no_object())?;
    Ok(text)
}

fn no_object() -> Failure {
    Failure::usage(
        "Fälten ska vara ett JSON-objekt, högst 1 MiB.",
        "The fields must be a JSON object, 1 MiB at most.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_no_longer_than_the_broker_carries() {
        assert_eq!(read("{}".as_bytes()).unwrap(), "{}");
        assert_eq!(read(std::io::repeat(b'a')).unwrap().len() as u64, LONGEST);
    }
}
