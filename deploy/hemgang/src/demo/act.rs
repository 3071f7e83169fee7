//! What hospitals and staff do in the demo.

use chrono::{DateTime, Utc};
use contracts::Party;

use super::places::Ward;
use super::table::Table;
use super::talk::Talk;
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
    /// Not home after all.
    DischargeCancelled,
    /// The patient has died.
    Died,
    /// The address was wrong.
    Corrected,
    /// Known by a personal number from now on.
    Identified,
    /// The population register protects the patient's whereabouts.
    Protected,
}

/// What staff do, as they would in a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    ReadNotice,
    AppointCareContact,
    CareContactNotNeeded,
    AppointLeadOfficer,
    LeadOfficerNotNeeded,
    /// Somebody else of the unit takes over as care contact.
    ReplaceCareContact,
    ReportSupport,
    /// The ward judges whose services are needed, and whether the patient comes often.
    JudgeNeed(&'static [Party], bool),
    /// Nobody is needed after all.
    WithdrawNeed,
    /// The ward knows better when the stay ends.
    SetEstimate(DateTime<Utc>),
    /// What the patient says to the sharing of information.
    RecordConsent(Word),
    /// Route the case by hand, for one party to a unit.
    Route(Party, &'static str),
    GiveReady,
    RevokeReady,
    /// What the unit was told of is seen to.
    Acknowledge,
    /// Something about the way home.
    Homeward(Homeward),
    /// Something that the parties write to one another.
    Talk(Talk),
    /// Something about the coordinated plan.
    Table(Table),
}

/// What a patient says to the sharing of information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Yes,
    No,
    /// Yes, to open care alone.
    ToOpenCare,
    /// Yes, until then.
    Until(DateTime<Utc>),
    /// No longer.
    TakenBack,
}

impl From<Homeward> for Deed {
    fn from(does: Homeward) -> Self {
        Self::Homeward(does)
    }
}

impl From<Talk> for Deed {
    fn from(does: Talk) -> Self {
        Self::Talk(does)
    }
}

impl From<Table> for Deed {
    fn from(does: Table) -> Self {
        Self::Table(does)
    }
}

impl Deed {
    /// What it is called when it has happened; none for what happens all the time.
    pub(crate) fn told(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::RecordConsent(Word::TakenBack) => ("samtycke återkallat", "consent withdrawn"),
            Self::ReadNotice | Self::ReportSupport | Self::RecordConsent(_) => return None,
            Self::Homeward(does) => return does.told(),
            Self::Talk(does) => return does.told(),
            Self::Table(does) => return does.told(),
            Self::AppointCareContact => ("fast vårdkontakt utsedd", "care contact named"),
            Self::CareContactNotNeeded => {
                ("fast vårdkontakt behövs inte", "care contact not needed")
            }
            Self::AppointLeadOfficer => ("huvudhandläggare utsedd", "lead officer named"),
            Self::LeadOfficerNotNeeded => {
                ("huvudhandläggare behövs inte", "lead officer not needed")
            }
            Self::ReplaceCareContact => ("annan fast vårdkontakt", "another care contact"),
            Self::JudgeNeed([], false) => ("inget behov bedömt", "no need judged"),
            Self::JudgeNeed(_, true) => ("kommer ofta, behov bedömt", "comes often, need judged"),
            Self::JudgeNeed(_, false) => ("behov bedömt", "need judged"),
            Self::WithdrawNeed => ("behov återtaget", "need withdrawn"),
            Self::SetEstimate(_) => ("beräknad utskrivning ändrad", "estimate changed"),
            Self::Route(..) => ("fördelat för hand", "routed by hand"),
            Self::GiveReady => ("utskrivningsklar", "ready for discharge"),
            Self::RevokeReady => ("inte längre utskrivningsklar", "no longer ready"),
            Self::Acknowledge => ("avisering kvitterad", "alert acknowledged"),
        })
    }
}
