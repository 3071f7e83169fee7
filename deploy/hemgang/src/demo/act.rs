//! What hospitals and staff do in the demo.

use chrono::{DateTime, Utc};
use contracts::Party;

use super::places::Ward;
use super::way::Homeward;

/// Something that somebody does at a moment of domain time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) at: DateTime<Utc>,
    pub(crate) stay: u64,
    /// Its place in the stay's plan; message and command ids come from it, so that what is done
    /// again after a restart is known again.
    pub(crate) order: usize,
    pub(crate) act: Act,
}

/// Who does what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The hospital's system says something.
    Hospital(Said),
    /// Somebody of a unit does something.
    Staff {
        /// The unit's HSA-id.
        unit: &'static str,
        /// What.
        does: Deed,
    },
}

/// What a hospital's system says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The patient was admitted.
    Admitted {
        /// When the stay is expected to end, if anybody knows.
        estimate: Option<DateTime<Utc>>,
        /// The need was judged at once.
        judged: bool,
    },
    /// Admitted by mistake.
    Cancelled,
    /// To another ward.
    Transferred(&'static Ward),
    /// On leave, for a night.
    OnLeave,
    /// Back from it.
    BackFromLeave,
    /// Another estimate.
    Estimated(DateTime<Utc>),
    /// A need was noticed later.
    Judged,
    /// Home.
    Discharged,
    /// The patient has died.
    Died,
}

/// What staff do, as they would in a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    ReadNotice,
    AppointCareContact,
    CareContactNotNeeded,
    AppointLeadOfficer,
    ReportSupport,
    /// Yes or no.
    RecordConsent(bool),
    /// Route the case by hand, for one party to a unit.
    Route(Party, &'static str),
    GiveReady,
    RevokeReady,
    CallSip,
    SetSipTime(DateTime<Utc>),
    RecordSipHeld,
    DeclineSip,
    /// Something about the way home.
    Homeward(Homeward),
}

impl From<Homeward> for Deed {
    fn from(does: Homeward) -> Self {
        Self::Homeward(does)
    }
}

impl Deed {
    /// What it is called when it has happened; none for what happens all the time.
    pub(crate) fn told(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::ReadNotice | Self::ReportSupport | Self::RecordConsent(_) => return None,
            Self::Homeward(does) => return does.told(),
            Self::AppointCareContact => ("fast vårdkontakt utsedd", "care contact named"),
            Self::CareContactNotNeeded => {
                ("fast vårdkontakt behövs inte", "care contact not needed")
            }
            Self::AppointLeadOfficer => ("huvudhandläggare utsedd", "lead officer named"),
            Self::Route(..) => ("fördelat för hand", "routed by hand"),
            Self::GiveReady => ("utskrivningsklar", "ready for discharge"),
            Self::RevokeReady => ("inte längre utskrivningsklar", "no longer ready"),
            Self::CallSip => ("kallat till SIP", "called to SIP"),
            Self::SetSipTime(_) => ("tid för SIP bestämd", "time set for SIP"),
            Self::RecordSipHeld => ("SIP genomförd", "SIP held"),
            Self::DeclineSip => ("patienten avböjde SIP", "patient declined SIP"),
        })
    }
}
