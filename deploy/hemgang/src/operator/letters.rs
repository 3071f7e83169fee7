//! `dead-letters`: messages that a service could not handle.

use clap::builder::PossibleValuesParser;
use contracts::commands::any::{
    DISCARD_DEAD_LETTER, DeadLetter, DeadLetterId, LIST_DEAD_LETTERS, REPLAY_DEAD_LETTER,
    SHOW_DEAD_LETTER,
};
use futures::future::join_all;
use serde::Serialize;
use uuid::Uuid;

use super::failure::Failure;
use super::report::Report;
use super::sign::Acting;
use super::system::{Site, System};
use super::table::Table;
use super::when;
use crate::service::NAMES;

/// Arguments of `dead-letters`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// List those that wait, newest first.
    List {
        /// Of this service; of all when absent.
        #[arg(value_parser = PossibleValuesParser::new(NAMES))]
        service: Option<String>,
    },
    /// Show one with its payload.
    Show(One),
    /// Handle one once more, after the cause has been mended.
    Replay(Settled),
    /// Give one up: it will never be handled, and need not be.
    Discard(Settled),
}

#[derive(clap::Args)]
struct Settled {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    acting: Acting,
}

#[derive(clap::Args)]
struct One {
    /// The service that set it aside.
    #[arg(value_parser = PossibleValuesParser::new(NAMES))]
    service: String,
    /// Its id.
    id: Uuid,
}

#[derive(Serialize)]
struct Waiting {
    service: String,
    letters: Vec<DeadLetter>,
    /// Why there is no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
}

/// Lists, shows or replays.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    match arguments.what {
        What::List { service: None } => {
            let all = join_all(NAMES.map(|service| letters_of(&system, service.to_owned()))).await;
            Report::new(&all, list_text(&all))
        }
        What::List { service: Some(service) } => {
            let mut list = letters_of(&system, service).await;
            match list.failure.take() {
                Some(failure) => Err(failure),
                None => Report::new(&[&list], list_text(std::slice::from_ref(&list))),
            }
        }
        What::Show(One { service, id }) => {
            let letter: DeadLetter =
                system.ask_any(&service, SHOW_DEAD_LETTER, &DeadLetterId { id }).await?;
            Report::new(&letter, letter_text(&letter))
        }
        What::Replay(settled) => {
            let letter = settle(&system, settled, REPLAY_DEAD_LETTER).await?;
            let text = "Begärt: tjänsten hanterar det strax igen. Det som misslyckas på nytt ligger \
                        kvar med sitt nya skäl.\nAsked for: the service handles it again shortly. \
                        What fails again stays, with its new reason.";
            Report::new(&letter, text)
        }
        What::Discard(settled) => {
            let letter = settle(&system, settled, DISCARD_DEAD_LETTER).await?;
            Report::new(&letter, "Avskrivet. / Given up.")
        }
    }
}

async fn settle(system: &System, settled: Settled, verb: &str) -> Result<DeadLetterId, Failure> {
    let Settled { one: One { service, id }, acting } = settled;
    let actor = acting.sign()?.actor;
    let letter = DeadLetterId { id };
    let told = system.caller.tell_any(&service, verb, &letter, &actor).await;
    let () = told.map_err(Failure::of_query)?;
    Ok(letter)
}

async fn letters_of(system: &System, service: String) -> Waiting {
    match system.ask_any(&service, LIST_DEAD_LETTERS, &()).await {
        Ok(letters) => Waiting { service, letters, failure: None },
        Err(failure) => Waiting { service, letters: vec![], failure: Some(failure) },
    }
}

fn list_text(lists: &[Waiting]) -> String {
    let mut table = Table::new(&[
        ("tjänst", "service"),
        ("id", "id"),
        ("sedan", "since"),
        ("ämne", "subject"),
        ("skäl", "reason"),
    ]);
    for Waiting { service, letters, failure } in lists {
        if let Some(failure) = failure {
            let none = || "–".to_owned();
            let why = format!("svarar inte/does not answer ({})", failure.code);
            table.row([service.clone(), none(), none(), none(), why]);
        }
        for letter in letters {
            table.row([
                service.clone(),
                letter.id.to_string(),
                when::show(letter.set_aside_at),
                letter.subject.clone(),
                letter.reason.clone(),
            ]);
        }
    }
    table.to_string()
}

fn letter_text(letter: &DeadLetter) -> String {
    let payload = letter.payload.as_deref().unwrap_or_default();
    let pretty = serde_json::from_str::<serde_json::Value>(payload)
        .and_then(|json| serde_json::to_string_pretty(&json));
    format!(
        "id                   {}\n\
         ämne / subject       {}\n\
         meddelande / message {}\n\
         sedan / since        {}\n\
         hanterat / handled   {}\n\
         skäl / reason        {}\n\n{}",
        letter.id,
        letter.subject,
        letter.message_id.as_deref().unwrap_or("–"),
        when::show(letter.set_aside_at),
        when::show_some(letter.replayed_at),
        letter.reason,
        pretty.unwrap_or_else(|_| payload.to_owned()),
    )
}
