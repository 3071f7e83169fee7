//! `refused`: messages from hospitals that were kept and not acted on.

use contracts::commands::{DismissMessage, ListRefused, RefusedMessage, ReplayMessage};
use uuid::Uuid;

use super::failure::Failure;
use super::report::Report;
use super::sign::Acting;
use super::system::Site;
use super::table::Table;
use super::{when, words};

/// Arguments of `refused`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// List them, newest first.
    List {
        /// How many at most.
        #[arg(long)]
        limit: Option<u16>,
        /// Instead those that were accepted without a field that nobody could use, such as the code
        /// of a ward that is not mapped.
        #[arg(long)]
        warnings: bool,
    },
    /// Handle one once more, after the cause of its refusal has been mended.
    Replay {
        /// Its id.
        id: Uuid,
        #[command(flatten)]
        acting: Acting,
    },
    /// Close one that needs nothing more.
    Dismiss {
        /// Its id.
        id: Uuid,
        /// The accepted message of the same sender that put it right.
        #[arg(long, value_name = "ID")]
        corrected_by: Option<Uuid>,
        #[command(flatten)]
        acting: Acting,
    },
}

/// Lists, replays or dismisses.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    match arguments.what {
        What::List { limit, warnings: with_warnings } => {
            let list = ListRefused { with_warnings, limit };
            let refused = site.connect().await?.ask(&list).await?;
            Report::new(&refused, list_text(&refused))
        }
        What::Replay { id, acting } => {
            let signature = acting.sign()?;
            let done = site.connect().await?.tell(&ReplayMessage { id }, &signature).await?;
            Report::new(&done, words::done(&done))
        }
        What::Dismiss { id, corrected_by, acting } => {
            let signature = acting.sign()?;
            let dismiss = DismissMessage { id, corrected_by };
            let done = site.connect().await?.tell(&dismiss, &signature).await?;
            Report::new(&done, words::done(&done))
        }
    }
}

fn list_text(messages: &[RefusedMessage]) -> String {
    let mut table = Table::new(&[
        ("id", "id"),
        ("mottaget", "received"),
        ("avsändare", "sender"),
        ("fel", "faults"),
    ]);
    for message in messages {
        table.row([
            message.id.to_string(),
            when::show(message.received_at),
            message.sender.clone().unwrap_or_else(|| "okänd/unknown".to_owned()),
            message.faults.join("; "),
        ]);
    }
    table.to_string()
}
