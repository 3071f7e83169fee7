//! `act`: what a member of staff does, done from the command line on her behalf. Each deed is one
//! command to the service that owns it, signed with who acts.

mod hospital;
mod plan;
mod units;

use chrono::{DateTime, Utc};
use contracts::commands::{AcknowledgeAlert, Command, Done};
use contracts::{AlertId, CaseId};

use super::failure::Failure;
use super::report::Report;
use super::sign::{Acting, Signature};
use super::system::{CaseName, Site, System};
use super::{when, words};

/// Arguments of `act`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    deed: Deed,
    /// The case, by its reference or its id; what is about a case needs it.
    #[arg(long, global = true, value_name = "REF|ID")]
    case: Option<CaseName>,
    #[command(flatten)]
    acting: Acting,
}

#[derive(clap::Subcommand)]
enum Deed {
    #[command(flatten)]
    Hospital(hospital::Deed),
    #[command(flatten)]
    Units(units::Deed),
    /// The coordinated individual plan.
    #[command(subcommand)]
    Sip(plan::Deed),
    /// Say that an alert was seen: it is not repeated.
    Acknowledge {
        /// The alert; `show alerts` lists them.
        alert: AlertId,
    },
}

/// When something happened, for deeds that are reported afterwards.
#[derive(clap::Args)]
struct Happened {
    /// When it happened, as `2026-11-24 14:00` in Swedish time; now when absent.
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    at: Option<DateTime<Utc>>,
}

/// A running system and a signature to act with.
struct Desk {
    system: System,
    signature: Signature,
}

impl Desk {
    async fn tell<C: Command<Answer = Done>>(&self, command: C) -> Result<Report, Failure> {
        let done = self.system.tell(&command, &self.signature).await?;
        Report::new(&done, words::done(&done))
    }
}

/// Checks the command line before anybody is called, then does the deed.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let Arguments { deed, case, acting } = arguments;
    let signature = acting.sign()?;
    if let Deed::Acknowledge { alert } = deed {
        let desk = Desk { system: site.connect().await?, signature };
        return desk.tell(AcknowledgeAlert { alert }).await;
    }
    if let Deed::Sip(plan::Deed::Apart(deed)) = deed {
        return deed.do_it(&Desk { system: site.connect().await?, signature }, case).await;
    }
    let case = case.ok_or_else(|| {
        Failure::usage(
            "Ange vårdtillfället: --case K7M2-9QXD.",
            "State the case: --case K7M2-9QXD.",
        )
    })?;
    let desk = Desk { system: site.connect().await?, signature };
    let case: CaseId = desk.system.case_id(case).await?;
    match deed {
        Deed::Hospital(deed) => deed.do_it(case, &desk).await,
        Deed::Units(deed) => deed.do_it(case, &desk).await,
        Deed::Sip(deed) => deed.do_it(case, &desk).await,
        Deed::Acknowledge { alert } => desk.tell(AcknowledgeAlert { alert }).await,
    }
}
