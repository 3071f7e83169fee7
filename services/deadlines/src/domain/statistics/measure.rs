//! What is measured, and what a figure of it consists of.

use contracts::Owner;
use serde::{Deserialize, Serialize};

/// A measure. Its definition stands in words beside the figures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Cases that count.
    Cases,
    /// Notices within 24 hours; in place of the rulebook's line.
    Notice24h,
    /// Units that acknowledged the notice.
    Receipt,
    /// Plans that were called to.
    SipCalled,
    /// Plans whose meeting was held.
    SipHeld,
    /// Plans that were declined or judged not needed.
    SipEnded,
    /// Home on the day on which the patient was ready and home-ready.
    SameDayHome,
    /// Days from the ready notice to the discharge.
    ReadyDays,
    /// Days that the municipality is to pay, by policy.
    PayableDays(String),
    /// How often the estimated day changed.
    EstimateChanges,
    /// How long before it the day of the discharge was stated.
    EstimateWarning,
    /// Cases whose track was changed.
    TrackChanged,
    /// Closed cases that were followed up.
    FollowedUp,
    /// Patients who come often.
    Frequent,
    /// Stays whose patient is back within 30 days.
    Readmission,
    /// Those of them that were not planned.
    UnplannedReadmission,
    /// A line of a rulebook.
    Duty {
        /// The line.
        rule: String,
        /// Who owes it.
        owner: Owner,
        /// The rulebook.
        rulebook: String,
    },
}

/// The ids of all measures; `payable_days` and `duty` are followed by what they are of.
pub const IDS: [&str; 17] = [
    "cases",
    "notice_24h",
    "receipt",
    "sip_called",
    "sip_held",
    "sip_ended",
    "same_day_home",
    "ready_days",
    "payable_days",
    "estimate_changes",
    "estimate_warning",
    "track_changed",
    "followed_up",
    "frequent",
    "readmission_30d",
    "readmission_30d_unplanned",
    "duty",
];

/// What a figure consists of, beside of how many it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing.
    Count,
    /// How many did.
    Share,
    /// How many did, and what that comes to together.
    ShareAndSum,
    /// How many did in time, later and never; what it took.
    Timed,
    /// What it comes to together.
    Sum,
}

impl Measure {
    /// Those that are counted whatever the rulebook and the policy.
    pub(super) const ALWAYS: [Self; 15] = [
        Self::Cases,
        Self::Notice24h,
        Self::Receipt,
        Self::SipCalled,
        Self::SipHeld,
        Self::SipEnded,
        Self::SameDayHome,
        Self::ReadyDays,
        Self::EstimateChanges,
        Self::EstimateWarning,
        Self::TrackChanged,
        Self::FollowedUp,
        Self::Frequent,
        Self::Readmission,
        Self::UnplannedReadmission,
    ];

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::PayableDays(policy) => format!("payable_days {policy}"),
            Self::Duty { rule, owner, rulebook } => {
                format!("duty {rule} {} {rulebook}", owner.as_str())
            }
            other => other.name().to_owned(),
        }
    }

    /// The id without what it is of.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Notice24h => "notice_24h",
            Self::Receipt => "receipt",
            Self::SipCalled => "sip_called",
            Self::SipHeld => "sip_held",
            Self::SipEnded => "sip_ended",
            Self::SameDayHome => "same_day_home",
            Self::ReadyDays => "ready_days",
            Self::PayableDays(_) => "payable_days",
            Self::EstimateChanges => "estimate_changes",
            Self::EstimateWarning => "estimate_warning",
            Self::TrackChanged => "track_changed",
            Self::FollowedUp => "followed_up",
            Self::Frequent => "frequent",
            Self::Readmission => "readmission_30d",
            Self::UnplannedReadmission => "readmission_30d_unplanned",
            Self::Duty { .. } => "duty",
        }
    }

    pub(super) fn shape(&self) -> Shape {
        match self {
            Self::Cases => Shape::Count,
            Self::SipEnded
            | Self::TrackChanged
            | Self::FollowedUp
            | Self::Frequent
            | Self::Readmission
            | Self::UnplannedReadmission => Shape::Share,
            Self::ReadyDays => Shape::ShareAndSum,
            Self::PayableDays(_) | Self::EstimateChanges => Shape::Sum,
            Self::Notice24h
            | Self::Receipt
            | Self::SipCalled
            | Self::SipHeld
            | Self::SameDayHome
            | Self::EstimateWarning
            | Self::Duty { .. } => Shape::Timed,
        }
    }

    /// Of whom this is counted, when that is told too: who is not among them can be told from both.
    pub(super) fn within(&self) -> Option<Self> {
        match self {
            Self::Cases
            | Self::Notice24h
            | Self::Receipt
            | Self::PayableDays(_)
            | Self::Readmission
            | Self::Duty { .. } => None,
            Self::UnplannedReadmission => Some(Self::Readmission),
            Self::SipCalled
            | Self::SipHeld
            | Self::SipEnded
            | Self::SameDayHome
            | Self::ReadyDays
            | Self::EstimateChanges
            | Self::EstimateWarning
            | Self::TrackChanged
            | Self::FollowedUp
            | Self::Frequent => Some(Self::Cases),
        }
    }
}
