//! Registering the contact (region's routine for the registration of SIP), and a month's list of it.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::commands::HappenedAt;
use crate::sip::VisitType;
use crate::{CaseId, EntryId, HsaId, StaffId};

/// Most rows in one answer to [`ExportSipRegistrations`].
pub const MOST_REGISTRATIONS: u16 = 1_000;

/// Registers the contact for the meeting that was held last, for the actor's unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterSipContact {
    /// The case.
    pub case: CaseId,
    /// On whom; absent: on the actor.
    #[serde(default)]
    pub staff: Option<StaffId>,
    /// Owns the plan and registers the contact. False: another one's part in the meeting
    /// ("Medverkan enstaka besök").
    pub owner: bool,
    /// The visit type. Absent: what follows from the meeting's form; needed where nothing follows
    /// from it.
    #[serde(default)]
    pub visit_type: Option<VisitType>,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The actor's unit registered something by mistake: it is in no list any more, and can be registered
/// anew.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawSipRegistration {
    /// The case.
    pub case: CaseId,
    /// The registration: the id of the entry's stamp.
    pub registration: EntryId,
}

/// Asks for what the actor's unit has registered of the meetings of a month, in the order of their
/// days. An answer with none is the last. Every reading is logged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportSipRegistrations {
    /// Any day of the month.
    pub month: NaiveDate,
    /// Only those after this one.
    #[serde(default)]
    pub after: Option<SipRegistrationKey>,
}

/// Where a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SipRegistrationKey {
    /// The day.
    pub held_on: NaiveDate,
    /// The registration.
    pub registration: EntryId,
}

/// A registration in the words of the region's routine. A column is empty where that says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SipRegistrationRow {
    /// The registration.
    pub registration: EntryId,
    /// The case.
    pub case: CaseId,
    /// The day of the meeting, in Sweden.
    pub held_on: NaiveDate,
    /// The unit that registers.
    pub unit: HsaId,
    /// On whom.
    pub staff: StaffId,
    /// Besökstyp: "annan plats", "mott", "distanskontakt via videolänk", "distanskontakt via telefon".
    pub visit_type: String,
    /// Besöksform: "Enskilt besök", or "Medverkan enstaka besök".
    pub visit_form: String,
    /// Besöksorsak: "Vårdplanering".
    pub cause: Option<String>,
    /// Avgiftstyp: "P0".
    pub fee: Option<String>,
    /// Betalsätt: "Gena".
    pub payment: Option<String>,
    /// KVÅ: "AU124".
    pub procedure: Option<String>,
}
