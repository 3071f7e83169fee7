//! Who deals with a case outside the hospital, as `coordination` tells it.

mod cooperation;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Aggregate, CaseId, HsaId, Party, StaffId, Stamp};

pub use cooperation::{
    Annex, AnnexKind, Confirmation, Confirmed, Cooperation, EntryKind, FollowUp, Hindrance,
    HindranceKind, Message, MessageForm, MessageReceipt, PlanningEntry, ProposalState, TrackAnswer,
    TrackChange,
};

/// Snapshot of `hemgang.v1.coordination.assignment_changed`, one per case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// The case.
    pub case_id: CaseId,
    /// Which units got the notice, and when: each route is a reception (mottagande).
    #[serde(default)]
    pub routes: Vec<Route>,
    /// Concerned parties for which no unit was found.
    #[serde(default)]
    pub unrouted: Vec<Unrouted>,
    /// Acknowledgements of the notice (kvittens), the first per unit.
    #[serde(default)]
    pub receipts: Vec<Receipt>,
    /// Care contacts (fast vårdkontakt) in open care, oldest first.
    #[serde(default)]
    pub care_contacts: Vec<Appointment>,
    /// Lead officers (huvudhandläggare) of the municipality, oldest first.
    #[serde(default)]
    pub lead_officers: Vec<Appointment>,
    /// Reports of current support.
    #[serde(default)]
    pub support_reports: Vec<SupportReport>,
    /// What the parties plan, confirm, ask and answer.
    #[serde(default, skip_serializing_if = "Cooperation::is_empty")]
    pub cooperation: Cooperation,
}

/// A case routed to a unit. `stamp.recorded_at` is the reception: from then on the unit can read the
/// notice, and its clocks run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// The reception.
    pub stamp: Stamp,
    /// The concerned party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
    /// Routed elsewhere, or no longer concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Stamp>,
}

/// Why no unit was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnroutedReason {
    /// Protected identity: a person must choose.
    Protected,
    /// No listed care centre was stated.
    NoCareCentre,
    /// The listed care centre is not in the directory, or not in use.
    UnknownCareCentre,
    /// No municipality of registration was stated.
    NoMunicipality,
    /// No unit of the party serves the municipality.
    UnservedMunicipality,
    /// More than one unit of the party serves the municipality.
    SeveralUnits,
    /// A reason that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A concerned party without a unit; the ward owns the matter until somebody routes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unrouted {
    /// Since when.
    pub stamp: Stamp,
    /// The party.
    pub party: Party,
    /// Why.
    pub reason: UnroutedReason,
    /// Routed since, or no longer concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Stamp>,
}

/// A named person of a unit has read the notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// When and who.
    pub stamp: Stamp,
    /// The unit.
    pub unit: HsaId,
}

/// Who was appointed, or why nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Appointed {
    /// A named member of staff.
    Named {
        /// Who.
        staff: StaffId,
    },
    /// Judged not needed; `stamp.by` says by whom.
    NotNeeded {
        /// Why.
        reason: NotNeededReason,
    },
    /// Something that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Why nobody is appointed, or why no plan is made. A code, never free text: free text about a
/// patient stays with the service that owns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotNeededReason {
    /// One exists already and continues.
    ExistsAlready,
    /// The patient needs no further services of this kind.
    NoFurtherNeed,
    /// The patient does not want it.
    PatientDeclined,
    /// The patient moves to a place with services of its own.
    MovesElsewhere,
    /// Another reason, noted in the party's own record.
    OtherReason,
    /// A reason that this version does not know.
    #[serde(other)]
    Unknown,
}

/// An appointment of a care contact or a lead officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appointment {
    /// When and by whom.
    pub stamp: Stamp,
    /// The unit that appointed.
    pub unit: HsaId,
    /// Who, or why nobody.
    pub appointed: Appointed,
    /// Replaced by the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Stamp>,
}

impl Appointment {
    /// A person is named, not "not needed".
    #[must_use]
    pub fn is_named(&self) -> bool {
        matches!(self.appointed, Appointed::Named { .. })
    }
}

/// A party has told the others of the support that the patient has today (Dalarna guideline,
/// Inskrivning). The text stays with the party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SupportReport {
    /// When and by whom.
    pub stamp: Stamp,
    /// The party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
}

impl Assignment {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(case_id: CaseId) -> Self {
        Self {
            case_id,
            routes: Vec::new(),
            unrouted: Vec::new(),
            receipts: Vec::new(),
            care_contacts: Vec::new(),
            lead_officers: Vec::new(),
            support_reports: Vec::new(),
            cooperation: Cooperation::default(),
        }
    }

    /// The routes in force.
    pub fn current_routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|route| route.ended.is_none())
    }

    /// The unit that the case is routed to for `party`.
    #[must_use]
    pub fn route_of(&self, party: Party) -> Option<&Route> {
        self.current_routes().find(|route| route.party == party)
    }

    /// How a proposal to change the track stands: a party that is no longer concerned, and has not
    /// answered, is not waited for.
    #[must_use]
    pub fn state_of(&self, proposal: &TrackChange) -> ProposalState {
        proposal.state_among(|party| party == Party::Ward || self.route_of(party).is_some())
    }

    /// Whether `unit` may read the notice.
    #[must_use]
    pub fn is_routed_to(&self, unit: &HsaId) -> bool {
        self.current_routes().any(|route| route.unit == *unit)
    }
}

impl Aggregate for Assignment {
    const SUBJECT: &'static str = crate::subjects::ASSIGNMENT_CHANGED;

    fn key(&self) -> String {
        self.case_id.to_string()
    }
}
