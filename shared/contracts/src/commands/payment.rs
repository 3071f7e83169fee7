//! The municipality's payment (2017:612, 5 kap.): which days of a case count, and why the others do
//! not.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ledger::Words;
use crate::{CaseId, CaseRef, EntryId, MunicipalityCode};

/// Asks which days of a case the municipality is to pay, and why not the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowPayment {
    /// The case.
    pub case: CaseId,
}

/// How a policy comes from days to a claim.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PaymentModel {
    /// Each day of each case by itself.
    Individual,
    /// Whether the municipality pays is decided by the average over its cases.
    Average,
    /// A model that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Why a day is not to be paid.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PaymentReason {
    /// The days after the notice that are free are not over (5 kap. 4 §).
    BeforeStart,
    /// No party of the municipality was concerned, by the judgement of need in force.
    MunicipalityNotConcerned,
    /// The municipality had not got the admission notice (5 kap. 3 §).
    NoticeMissing,
    /// The municipality's units had not got the ready notice (5 kap. 3 §).
    ReadyNotReceived,
    /// A plan (SIP) was due, and open care had not called to it (5 kap. 3 §).
    SipNotCalled,
    /// Open care's services were not available (5 kap. 5 §).
    OpenCareUnavailable,
    /// It was not clear whether open care's services are available (5 kap. 5 §).
    OpenCareUnclear,
    /// Something else about open care's services that this version does not know.
    OpenCareOther,
    /// The ready notice was revoked.
    ReadyRevoked,
    /// The patient was discharged.
    Discharged,
    /// The patient was dead.
    Deceased,
    /// The admission was cancelled.
    AdmissionCancelled,
    /// The day is not over: what comes may still speak against it.
    DayNotOver,
    /// The policy decides by an average, not by the day.
    DecidedByAverage,
    /// A reason that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A day in Sweden, from midnight to midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentDay {
    /// Which.
    pub day: NaiveDate,
    /// The ready notice that it belongs to: the last one that was sent by its end.
    pub notice: EntryId,
    /// Whether the municipality is to pay it.
    pub payable: bool,
    /// Why not; none for a day that is to be paid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<PaymentReason>,
}

/// A reason in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentWords {
    /// The reason.
    pub reason: PaymentReason,
    /// In words.
    pub words: Words,
}

/// Most days in one answer to [`ShowPayment`].
pub const MOST_PAYMENT_DAYS: u16 = 1_000;

/// The days of a case from its first ready notice on. Made from facts alone: asked again years later
/// the answer about days that were over is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentDays {
    /// The case.
    pub case: CaseId,
    /// Its short name.
    pub case_ref: CaseRef,
    /// Who pays: the municipality of registration. Absent: protected identity, or not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<MunicipalityCode>,
    /// The policy that the last ready notice follows, such as `se 2026.1`; absent without a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The days, oldest first; at most [`MOST_PAYMENT_DAYS`].
    pub days: Vec<PaymentDay>,
    /// There are more days than are listed.
    #[serde(default)]
    pub more: bool,
    /// Nothing speaks against today.
    pub running: bool,
    /// Why it runs, or does not; who pays, and what is not known.
    pub why: Vec<Words>,
    /// The days' reasons in words.
    pub reasons: Vec<PaymentWords>,
}

/// Most cases that are looked at for one answer to [`PaymentBasis`].
pub const MOST_PAYMENT_CASES: u16 = 500;

/// Asks for the basis of a month's payment, in pages in the order of the cases' ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentBasis {
    /// The month's first day.
    pub month: NaiveDate,
    /// Only cases after this one.
    #[serde(default)]
    pub after: Option<CaseId>,
}

/// A page of a month's basis. Whoever asks adds the pages up: figures of a municipality are sums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentPage {
    /// Which region's policy holds here.
    pub region: String,
    /// The service's time.
    pub now: DateTime<Utc>,
    /// Per municipality and policy, of this page's cases.
    pub municipalities: Vec<MunicipalityBasis>,
    /// Ask for those after this one; absent: there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<CaseId>,
}

/// What a municipality's cases come to in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MunicipalityBasis {
    /// Who pays. Absent: protected identity, or not stated; a person has to find out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<MunicipalityCode>,
    /// The policy.
    pub policy: String,
    /// How it comes to a claim.
    pub model: PaymentModel,
    /// The cases with a day in the month from their ready notice on.
    pub cases: Vec<CaseBasis>,
    /// Days that are to be paid.
    pub payable_days: u32,
    /// What they come to, in kronor; absent where the amount of a day is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// Where an average decides: what it is held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<AverageLimit>,
    /// The stays that ended in the month and count.
    pub stays: u32,
    /// Their days from the notice to the discharge, together.
    pub stay_days: u32,
    /// How many of them were longer than the policy's special rule allows.
    pub long_stays: u32,
}

/// What an average is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AverageLimit {
    /// More days than this on average is too long.
    pub more_than_days: u32,
    /// Over how many months it is decided.
    pub months: u32,
}

/// A case in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseBasis {
    /// The case.
    pub case: CaseId,
    /// Its short name.
    pub case_ref: CaseRef,
    /// The days that are to be paid.
    pub payable: Vec<NaiveDate>,
    /// Days of the month since the notice that are not, by reason; a day may have several.
    pub not_payable: Vec<ReasonDays>,
    /// Days from the notice to the discharge, where an average decides and the stay ended in the month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_days: Option<u32>,
}

/// How many days a reason speaks against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReasonDays {
    /// The reason.
    pub reason: PaymentReason,
    /// How many days.
    pub days: u32,
}
