//! The plan as a document: written, read, confirmed, followed up, registered.

use std::io::Read;
use std::path::PathBuf;

use chrono::NaiveDate;
use contracts::commands::{
    ConfirmSipPlan, MakeSipPlan, ReadSipPlan, RecordSipFollowUp, RegisterSipContact,
    SipPlanContent, SipPlanText, WithdrawSipRegistration,
};
use contracts::sip::VisitType;
use contracts::{CaseId, EntryId, Party, StaffId};

use super::super::super::failure::Failure;
use super::super::super::report::Report;
use super::super::super::words;
use super::super::{Desk, Happened};
use super::names;

/// The longest plan, in bytes.
const LONGEST: u64 = 512 * 1024;

#[derive(clap::Subcommand)]
pub(in super::super) enum Deed {
    /// Write the plan, or a new version of it: JSON with `overall`, `follow_up_on`, `goals` and
    /// `interventions` (`what`, `party`, `staff`), as `read-plan --output json` shows under `content`.
    Plan {
        /// The version that this one is based on; 0 for the first.
        #[arg(long)]
        based_on: u32,
        /// The file; standard input when absent.
        #[arg(long)]
        file: Option<PathBuf>,
        #[command(flatten)]
        happened: Happened,
    },
    /// Confirm the version that was read, for a party.
    Confirm {
        version: u32,
        #[arg(long, value_parser = words::one_of(names::PARTIES))]
        party: Party,
        #[command(flatten)]
        happened: Happened,
    },
    /// Read the plan. The reading is logged.
    ReadPlan {
        /// Which version; the newest when absent.
        #[arg(long)]
        version: Option<u32>,
    },
    /// The plan was followed up.
    FollowUp {
        /// Who took part.
        #[arg(long = "party", required = true, value_parser = words::one_of(names::PARTIES))]
        parties: Vec<Party>,
        /// The day of the next one; none when absent.
        #[arg(long, value_name = "DATE")]
        next: Option<NaiveDate>,
        #[command(flatten)]
        happened: Happened,
    },
    /// Register the contact.
    Register {
        /// Another one's part in the meeting, not the owner's contact.
        #[arg(long)]
        part: bool,
        /// On whom; on who acts when absent.
        #[arg(long, value_name = "HSA-ID")]
        on: Option<StaffId>,
        /// Needed where it does not follow from the meeting's form.
        #[arg(long, value_parser = words::one_of(names::VISITS))]
        visit_type: Option<VisitType>,
        #[command(flatten)]
        happened: Happened,
    },
    /// A registration was a mistake; `show sip --output json` and `registrations` have the ids.
    WithdrawRegistration { id: EntryId },
}

impl Deed {
    pub(super) async fn do_it(self, case: CaseId, desk: &Desk) -> Result<Report, Failure> {
        match self {
            Self::Plan { based_on, file, happened: Happened { at: occurred_at } } => {
                let plan = written(file).await?;
                let command = MakeSipPlan { case, based_on, plan, occurred_at };
                let made = desk.system.tell(&command, &desk.signature).await?;
                Report::new(&made, format!("Version {}.", made.version))
            }
            Self::Confirm { version, party, happened: Happened { at: occurred_at } } => {
                desk.tell(ConfirmSipPlan { case, version, party, occurred_at }).await
            }
            Self::ReadPlan { version } => {
                let query = ReadSipPlan { case, version };
                let plan = desk.system.tell(&query, &desk.signature).await?;
                Report::new(&plan, text(&plan))
            }
            Self::FollowUp { parties, next: next_on, happened: Happened { at: occurred_at } } => {
                desk.tell(RecordSipFollowUp { case, parties, next_on, occurred_at }).await
            }
            Self::Register { part, on: staff, visit_type, happened } => {
                let (owner, occurred_at) = (!part, happened.at);
                let command = RegisterSipContact { case, staff, owner, visit_type, occurred_at };
                desk.tell(command).await
            }
            Self::WithdrawRegistration { id: registration } => {
                desk.tell(WithdrawSipRegistration { case, registration }).await
            }
        }
    }
}

/// Reads a plan, on a thread of its own: the broker wants its pings answered meanwhile.
async fn written(file: Option<PathBuf>) -> Result<SipPlanContent, Failure> {
    let read = move || match file {
        Some(file) => std::fs::File::open(file).and_then(limited),
        None => limited(std::io::stdin().lock()),
    };
    let text = tokio::task::spawn_blocking(read).await.ok().and_then(Result::ok);
    let text = text.ok_or_else(|| {
        Failure::usage("Planen gick inte att läsa.", "The plan could not be read.")
    })?;
    understood(&text)
}

fn limited(source: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    source.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Says which field is at fault, and never what it holds.
fn understood(text: &str) -> Result<SipPlanContent, Failure> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (field, line) = (error.path().to_string(), error.inner().line());
        Failure::usage(
            format!("Rad {line}: {field} saknas, är okänt eller har fel form."),
            format!("Line {line}: {field} is missing, unknown or malformed."),
        )
    })
}

fn text(plan: &SipPlanText) -> String {
    let SipPlanText { published, content } = plan;
    let (version, unit, day) = (published.version, &published.unit, content.follow_up_on);
    let mut lines = vec![format!("version {version}, {unit}, följs upp / follow-up {day}")];
    let goals = content.goals.iter();
    lines.extend(goals.map(|goal| format!("mål / goal  {}", goal.as_str())));
    lines.extend(content.interventions.iter().map(|line| {
        let (party, staff) = (words::party(line.party), line.staff.as_str());
        format!("insats / intervention  {} ({party}, {staff})", line.what.as_str())
    }));
    lines.extend(
        published
            .confirmations
            .iter()
            .map(|one| format!("bekräftad / confirmed  {}, {}", words::party(one.party), one.unit)),
    );
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"{"overall": "region", "follow_up_on": "2027-01-15", "goals": ["x"],
        "interventions": [{"what": "y", "party": "open_care", "staff": "SE2321000016-9A2B"}]}"#;

    #[test]
    fn a_plan_is_written_as_it_is_read() {
        let plan = understood(PLAN).unwrap();
        assert_eq!(plan.interventions.len(), 1);
        assert_eq!(understood(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
    }

    #[test]
    fn a_plan_that_is_none_is_refused_by_its_field() {
        let refused = understood(&PLAN.replace("SE2321000016-9A2B", "Anna")).unwrap_err();
        assert!(refused.message.en.contains("interventions[0].staff"), "{}", refused.message.en);
        assert!(!refused.message.en.contains("Anna"));
    }
}
