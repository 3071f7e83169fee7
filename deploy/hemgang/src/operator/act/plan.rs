//! Deeds that `sip` owns.

mod apart;
mod document;
mod meeting;
mod names;
mod times;

use contracts::CaseId;
use contracts::assignment::NotNeededReason;
use contracts::commands::{
    CallSip, CancelSip, DeclineSip, NoteSipNeed, RevokeSipNeed, SetSipKind, SipNotNeeded,
};
use contracts::sip::{NoticedBy, PlanKind};

use super::super::failure::Failure;
use super::super::report::Report;
use super::super::system::CaseName;
use super::super::words;
use super::{Desk, Happened};

#[derive(clap::Subcommand)]
pub(super) enum Deed {
    /// A plan is needed.
    Need {
        /// Who noticed.
        #[arg(long, value_parser = words::one_of(names::NOTICED_BY))]
        by: Option<NoticedBy>,
        #[command(flatten)]
        happened: Happened,
    },
    /// The need is none after all.
    NeedRevoked(Happened),
    /// Which kind of plan it is to be.
    Kind {
        #[arg(value_parser = words::one_of(names::KINDS))]
        kind: PlanKind,
        #[command(flatten)]
        happened: Happened,
    },
    /// Call to the meeting (kallelse).
    Call(Happened),
    /// Cancel the unit's call, and the meeting unless another unit's call stands.
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
    #[command(flatten)]
    Meeting(meeting::Deed),
    #[command(flatten)]
    Document(document::Deed),
    #[command(flatten)]
    Apart(apart::Deed),
}

impl Deed {
    pub(super) async fn do_it(self, case: CaseId, desk: &Desk) -> Result<Report, Failure> {
        match self {
            Self::Need { by: noticed_by, happened: Happened { at: occurred_at } } => {
                desk.tell(NoteSipNeed { case, noticed_by, occurred_at }).await
            }
            Self::NeedRevoked(Happened { at: occurred_at }) => {
                desk.tell(RevokeSipNeed { case, occurred_at }).await
            }
            Self::Kind { kind, happened: Happened { at: occurred_at } } => {
                desk.tell(SetSipKind { case, kind, occurred_at }).await
            }
            Self::Call(Happened { at: occurred_at }) => {
                desk.tell(CallSip { case, occurred_at }).await
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
            Self::Meeting(deed) => deed.do_it(case, desk).await,
            Self::Document(deed) => deed.do_it(case, desk).await,
            Self::Apart(deed) => deed.do_it(desk, Some(CaseName::Id(case))).await,
        }
    }
}
