//! Commands and queries of `coordination`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cooperation::{
    AddAnnex, AnnexContent, AnswerTrackProposal, CloseCase, Confirm, EndHindrance, EntryText,
    MessageContent, ProposeTrack, ReadAnnex, ReadEntries, ReadMessages, RecordFollowUp, ReopenCase,
    RevokeConfirmation, SendMessage, StateHindrance, WithdrawAnnex, WithdrawEntry, WithdrawMessage,
    WithdrawTrackProposal, WriteEntry, Written,
};
use super::{Done, HappenedAt, commands};
use crate::assignment::NotNeededReason;
use crate::{Assignment, CaseId, HsaId, Party, StaffId, Unit};

/// Puts units into the directory, or changes them. What is not named stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportUnits {
    /// The units.
    pub units: Vec<Unit>,
}

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// New or changed.
    pub changed: u64,
    /// As they were.
    pub unchanged: u64,
}

/// Asks for the directory.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListUnits {}

/// Routes a case to a unit by hand, for one party.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteCase {
    /// The case.
    pub case: CaseId,
    /// The party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
}

/// Appoints the care contact for the actor's unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointCareContact {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub staff: StaffId,
    /// The appointment that this one replaces. Absent: the first one; whoever comes second is told
    /// who was appointed.
    #[serde(default)]
    pub replaces: Option<StaffId>,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Records that no care contact is needed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CareContactNotNeeded {
    /// The case.
    pub case: CaseId,
    /// Why.
    pub reason: NotNeededReason,
    /// Who was appointed and is not needed any more.
    #[serde(default)]
    pub replaces: Option<StaffId>,
    /// When it was judged.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Appoints the municipality's lead officer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointLeadOfficer {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub staff: StaffId,
    /// The appointment that this one replaces.
    #[serde(default)]
    pub replaces: Option<StaffId>,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Records that no lead officer is needed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadOfficerNotNeeded {
    /// The case.
    pub case: CaseId,
    /// Why.
    pub reason: NotNeededReason,
    /// Who was appointed and is not needed any more.
    #[serde(default)]
    pub replaces: Option<StaffId>,
    /// When it was judged.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Reports the support that the patient has today, for the actor's unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSupport {
    /// The case.
    pub case: CaseId,
    /// The report. Stays in `coordination`.
    #[serde(default)]
    pub text: String,
}

/// Asks for a case's assignment.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowAssignment {
    /// The case.
    pub case: CaseId,
}

/// Asks for cases with a party that has no unit.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListUnrouted {}

commands! { "coordination":
    ImportUnits => "import_units", Imported;
    ListUnits => "list_units", Vec<Unit>;
    RouteCase => "route_case", Done;
    AppointCareContact => "appoint_care_contact", Done;
    CareContactNotNeeded => "care_contact_not_needed", Done;
    AppointLeadOfficer => "appoint_lead_officer", Done;
    LeadOfficerNotNeeded => "lead_officer_not_needed", Done;
    ReportSupport => "report_support", Done;
    WriteEntry => "write_entry", Done;
    WithdrawEntry => "withdraw_entry", Done;
    Confirm => "confirm", Done;
    RevokeConfirmation => "revoke_confirmation", Done;
    ProposeTrack => "propose_track", Done;
    AnswerTrackProposal => "answer_track_proposal", Done;
    WithdrawTrackProposal => "withdraw_track_proposal", Done;
    SendMessage => "send_message", Done;
    WithdrawMessage => "withdraw_message", Done;
    AddAnnex => "add_annex", Done;
    WithdrawAnnex => "withdraw_annex", Done;
    RecordFollowUp => "record_follow_up", Done;
    StateHindrance => "state_hindrance", Done;
    EndHindrance => "end_hindrance", Done;
    CloseCase => "close_case", Done;
    ReopenCase => "reopen_case", Done;
    ReadEntries => "read_entries", Vec<Written<EntryText>>;
    ReadMessages => "read_messages", Vec<Written<MessageContent>>;
    ReadAnnex => "read_annex", AnnexContent;
    ShowAssignment => "show_assignment", Assignment;
    ListUnrouted => "list_unrouted", Vec<Assignment>;
}
