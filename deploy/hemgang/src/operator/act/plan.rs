//! Deeds that `sip` owns.

use chrono::{DateTime, Utc};
use contracts::CaseId;
use contracts::assignment::NotNeededReason;
use contracts::commands::{
    CallSip, CancelSip, DeclineSip, NoteSipNeed, RecordSipHeld, SetSipTime, SipNotNeeded,
};

use super::super::failure::Failure;
use super::super::report::Report;
use super::super::{when, words};
use super::{Desk, Happened};

#[derive(clap::Subcommand)]
pub(super) enum Deed {
    /// A plan is needed.
    Need(Happened),
    /// Call to the meeting (kallelse).
    Call(Happened),
    /// Set or move the meeting's time.
    Time {
        /// When it begins, as `2026-11-24 14:00` in Swedish time.
        #[arg(value_name = "TIME", value_parser = when::parse)]
        starts_at: DateTime<Utc>,
    },
    /// The meeting was held.
    Held(Happened),
    /// Cancel the call and the meeting.
    Cancel(Happened),
    /// The patient declines a plan.
    Declined(Happened),
    /// No plan is needed.
    NotNeeded {
        /// Why.
        #[arg(long, value_parser = words::one_of(words::REASONS))]
        reason: NotNeededReason,
        #[command(flatten)]
        happened: Happened,
    },
}

impl Deed {
    pub(super) async fn do_it(self, case: CaseId, desk: &Desk) -> Result<Report, Failure> {
        match self {
            Self::Need(Happened { at: occurred_at }) => {
                desk.tell(NoteSipNeed { case, noticed_by: None, occurred_at }).await
            }
            Self::Call(Happened { at: occurred_at }) => {
                desk.tell(CallSip { case, occurred_at }).await
            }
            Self::Time { starts_at } => desk.tell(SetSipTime { case, starts_at }).await,
            Self::Held(Happened { at: occurred_at }) => {
                desk.tell(RecordSipHeld { case, occurred_at }).await
            }
            Self::Cancel(Happened { at: occurred_at }) => {
                desk.tell(CancelSip { case, occurred_at }).await
            }
            Self::Declined(Happened { at: occurred_at }) => {
                desk.tell(DeclineSip { case, occurred_at }).await
            }
            Self::NotNeeded { reason, happened: Happened { at: occurred_at } } => {
                desk.tell(SipNotNeeded { case, reason, occurred_at }).await
            }
        }
    }
}
