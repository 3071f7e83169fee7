//! Deeds that `coordination` owns: those of the units outside the hospital, and routing.

use std::io::{IsTerminal, Read};

use contracts::assignment::NotNeededReason;
use contracts::commands::{
    AppointCareContact, AppointLeadOfficer, CareContactNotNeeded, LeadOfficerNotNeeded,
    ReportSupport, RouteCase,
};
use contracts::{CaseId, HsaId, Party, StaffId};

use super::super::failure::Failure;
use super::super::report::Report;
use super::super::words;
use super::{Desk, Happened};

/// The longest report, in bytes.
const LONGEST: u64 = 64 * 1024;

#[derive(clap::Subcommand)]
pub(super) enum Deed {
    /// Route the case to a unit by hand, for one party.
    Route {
        /// The party.
        #[arg(long, value_parser = words::one_of(words::PARTIES))]
        party: Party,
        /// Its unit.
        #[arg(long, value_name = "HSA-ID")]
        to: HsaId,
    },
    /// The care contact (fast vårdkontakt).
    #[command(subcommand)]
    CareContact(Office),
    /// The municipality's lead officer (huvudhandläggare).
    #[command(subcommand)]
    LeadOfficer(Office),
    /// Report the support that the patient has today; the text is read from standard input.
    ReportSupport {
        /// The text itself, where nobody else can see the command line.
        #[arg(long)]
        text: Option<String>,
    },
}

#[derive(clap::Subcommand)]
pub(super) enum Office {
    /// Appoint somebody.
    Appoint {
        /// Who.
        #[arg(value_name = "HSA-ID")]
        staff: StaffId,
        /// Whom this one replaces; needed when somebody is appointed.
        #[arg(long, value_name = "HSA-ID")]
        replaces: Option<StaffId>,
        #[command(flatten)]
        happened: Happened,
    },
    /// Nobody is needed.
    NotNeeded {
        /// Why.
        #[arg(long, value_parser = words::one_of(words::REASONS))]
        reason: NotNeededReason,
        /// Who was appointed and is not needed any more.
        #[arg(long, value_name = "HSA-ID")]
        replaces: Option<StaffId>,
        #[command(flatten)]
        happened: Happened,
    },
}

impl Deed {
    pub(super) async fn do_it(self, case: CaseId, desk: &Desk) -> Result<Report, Failure> {
        match self {
            Self::Route { party, to: unit } => desk.tell(RouteCase { case, party, unit }).await,
            Self::CareContact(Office::Appoint { staff, replaces, happened }) => {
                let occurred_at = happened.at;
                desk.tell(AppointCareContact { case, staff, replaces, occurred_at }).await
            }
            Self::CareContact(Office::NotNeeded { reason, replaces, happened }) => {
                let occurred_at = happened.at;
                desk.tell(CareContactNotNeeded { case, reason, replaces, occurred_at }).await
            }
            Self::LeadOfficer(Office::Appoint { staff, replaces, happened }) => {
                let occurred_at = happened.at;
                desk.tell(AppointLeadOfficer { case, staff, replaces, occurred_at }).await
            }
            Self::LeadOfficer(Office::NotNeeded { reason, replaces, happened }) => {
                let occurred_at = happened.at;
                desk.tell(LeadOfficerNotNeeded { case, reason, replaces, occurred_at }).await
            }
            Self::ReportSupport { text: Some(text) } => {
                desk.tell(ReportSupport { case, text }).await
            }
            Self::ReportSupport { text: None } => {
                // On a thread of its own: a person types slowly, and the broker wants its pings
                // answered meanwhile.
                let text = tokio::task::spawn_blocking(typed).await.map_err(|_| unread())??;
                desk.tell(ReportSupport { case, text }).await
            }
        }
    }
}

fn typed() -> Result<String, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        let prompt = "Skriv rapporten, avsluta med Ctrl-D. / Type the report, end with Ctrl-D.";
        // Without a prompt the report can be typed all the same.
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{prompt}\n"));
    }
    limited(input.lock())
}

fn limited(input: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    input.take(LONGEST + 1).read_to_string(&mut text).map_err(|_| unread())?;
    if text.len() as u64 > LONGEST {
        return Err(Failure::usage(
            format!("Rapporten är längre än {LONGEST} byte."),
            format!("The report is longer than {LONGEST} bytes."),
        ));
    }
    Ok(text.trim_end().to_owned())
}

fn unread() -> Failure {
    Failure::usage("Rapporten gick inte att läsa.", "The report could not be read.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_whole_or_not_at_all() {
        assert_eq!(limited("hemtjänst\n".as_bytes()).unwrap(), "hemtjänst");
        let endless = std::io::repeat(b'a');
        assert_eq!(limited(endless).unwrap_err().exit, crate::USAGE);
    }
}
