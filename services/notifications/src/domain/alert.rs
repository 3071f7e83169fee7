//! What an alert says: a case's reference, a step, duties with their times. Nothing else exists
//! here, so nothing else can reach a template.

use std::fmt;
use std::str::FromStr;

use super::duty::Duty;

/// The short reference of a case that people can read out on the phone, as in `K7M2-9QXD`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CaseReference(String);

/// Why a text is no case reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a case reference is eight capital letters and digits, four and four with a hyphen between"
)]
pub struct CaseReferenceError;

impl CaseReference {
    /// The reference as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CaseReference {
    type Err = CaseReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let group = |part: &str| {
            part.len() == 4 && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        match text.split_once('-') {
            Some((head, tail)) if group(head) && group(tail) => Ok(Self(text.to_owned())),
            _ => Err(CaseReferenceError),
        }
    }
}

impl fmt::Display for CaseReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One alert as its recipient is to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The case that it is about.
    pub case: CaseReference,
    /// What has happened.
    pub step: Step,
}

/// What has happened in the case, or not happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An admission notice has come, and this is what the unit owes.
    NoticeCame {
        /// What the unit owes, most urgent first.
        duties: Vec<Duty>,
    },
    /// A duty's time is running out.
    Reminder(Duty),
    /// A duty's time has run out; to the unit that owes it.
    Missed(Duty),
    /// It is still not done; to the unit's manager.
    EscalatedToManager(Duty),
    /// It is still not done; to the principal (huvudman), region or municipality.
    EscalatedToPrincipal(Duty),
    /// Ready for discharge (utskrivningsklar) was given.
    ReadyGiven {
        /// What the unit owes from now on, most urgent first; often nothing.
        duties: Vec<Duty>,
    },
    /// Ready for discharge was taken back.
    ReadyRevoked,
    /// The estimated time of discharge was changed.
    EstimateChanged,
    /// No unit could be found for the notice; to whoever owns routing.
    CouldNotBeRouted,
    /// A step of a duty's ladder found nobody to tell; to whoever owns contact points.
    StepReachedNobody(Duty),
}

impl Step {
    /// The duties that the step names, in order.
    #[must_use]
    pub fn duties(&self) -> &[Duty] {
        match self {
            Self::NoticeCame { duties } | Self::ReadyGiven { duties } => duties,
            Self::Reminder(duty)
            | Self::Missed(duty)
            | Self::EscalatedToManager(duty)
            | Self::EscalatedToPrincipal(duty)
            | Self::StepReachedNobody(duty) => std::slice::from_ref(duty),
            Self::ReadyRevoked | Self::EstimateChanged | Self::CouldNotBeRouted => &[],
        }
    }

    /// Whether the time of the step's duties has run out.
    #[must_use]
    pub const fn is_overdue(&self) -> bool {
        matches!(
            self,
            Self::Missed(_) | Self::EscalatedToManager(_) | Self::EscalatedToPrincipal(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_four_and_four() {
        assert_eq!(
            "K7M2-9QXD".parse::<CaseReference>().map(|r| r.to_string()),
            Ok("K7M2-9QXD".into())
        );
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in
            ["", "K7M29QXD", "K7M2-9QX", "k7m2-9qxd", "K7M2-9QX\n", "K7M2-9QÄ", "K7M2-9QXD-"]
        {
            assert_eq!(text.parse::<CaseReference>(), Err(CaseReferenceError), "{text:?}");
        }
    }
}
