//! The three ways home of the Dalarna guideline, what a ward would answer in the planning form, and what
//! staff do on the way.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::Track;
use contracts::assignment::{Confirmed, HindranceKind};
use contracts::case::{CheckKind, FormAnswer, Intervention};

/// A way home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Support as before.
    Green,
    /// More support, from the same day.
    Yellow,
    /// Large new needs.
    Red,
}

impl Way {
    pub(crate) fn track(self) -> anyhow::Result<Track> {
        let name = match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        };
        Ok(name.parse()?)
    }

    /// What is to be done at home that not everybody can do.
    pub(crate) fn interventions(self) -> BTreeSet<Intervention> {
        let all = (self == Self::Red).then_some(Intervention::IntravenousAntibiotics);
        all.into_iter().collect()
    }

    /// What speaks for it.
    pub(crate) fn answers(self) -> BTreeSet<FormAnswer> {
        let answers: &[FormAnswer] = match self {
            Self::Green => &[FormAnswer::KnownInMunicipality, FormAnswer::SameSupport],
            Self::Yellow => &[
                FormAnswer::KnownInMunicipality,
                FormAnswer::ExpandedSupport,
                FormAnswer::SameDayStart,
            ],
            Self::Red => &[FormAnswer::LargeNewNeeds, FormAnswer::ManyProfessions],
        };
        answers.iter().copied().collect()
    }
}

/// What staff do about the way home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Homeward {
    /// The planning form, filled in as for this way home, perhaps of somebody who comes often.
    FillForm {
        way: Way,
        often: bool,
    },
    SetTrack(Way),
    /// To another way home.
    ProposeTrack(Way),
    /// Yes or no to what is proposed.
    AnswerProposal(bool),
    /// What all have approved.
    CarryOutProposal,
    /// The unit's own proposal is none any more.
    WithdrawProposal,
    Check(CheckKind),
    /// It was not done after all.
    RevokeCheck(CheckKind),
    /// The patient goes home on the day of that moment.
    SendDischargeNotice(DateTime<Utc>),
    WithdrawDischargeNotice,
    Confirm(Confirmed),
    /// Not so after all.
    RevokeConfirmation(Confirmed),
    StateHindrance(HindranceKind),
    EndHindrance(HindranceKind),
    RecordFollowUp,
    CloseCase,
    /// Something is left to do.
    ReopenCase,
}

impl Homeward {
    /// What it is called when it has happened; none for what happens all the time.
    pub(crate) fn told(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::FillForm { .. } | Self::Check(_) | Self::Confirm(_) | Self::EndHindrance(_) => {
                return None;
            }
            Self::SetTrack(Way::Green) => ("grön process", "green process"),
            Self::SetTrack(Way::Yellow) => ("gul process", "yellow process"),
            Self::SetTrack(Way::Red) => ("röd process", "red process"),
            Self::ProposeTrack(_) => ("annan process föreslagen", "another process proposed"),
            Self::AnswerProposal(true) => ("processbyte godkänt", "change of process approved"),
            Self::AnswerProposal(false) => ("processbyte avslaget", "change of process refused"),
            Self::CarryOutProposal => ("process bytt", "process changed"),
            Self::WithdrawProposal => ("förslag återtaget", "proposal withdrawn"),
            Self::RevokeCheck(_) => ("kontroll återtagen", "check taken back"),
            Self::SendDischargeNotice(_) => ("utskrivningsmeddelande", "notice of discharge"),
            Self::WithdrawDischargeNotice => {
                ("utskrivningsmeddelande återtaget", "notice of discharge withdrawn")
            }
            Self::RevokeConfirmation(_) => ("bekräftelse återtagen", "confirmation taken back"),
            Self::StateHindrance(HindranceKind::Unclear) => {
                ("oklart vilka öppenvårdsinsatser", "open care's services unclear")
            }
            Self::StateHindrance(_) => ("öppenvården otillgänglig", "open care unavailable"),
            Self::RecordFollowUp => ("uppföljt", "followed up"),
            Self::CloseCase => ("avslutat", "closed"),
            Self::ReopenCase => ("åter öppnat", "reopened"),
        })
    }
}
