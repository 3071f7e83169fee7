//! Queries of `deadlines`.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    PaymentBasis, PaymentDays, PaymentPage, ShowPayment, ShowStatistics, StatisticsPage, commands,
};
use crate::ledger::{Obligation, Words};
use crate::{Assignment, Case, CaseId, Ledger, Sip};

/// Asks for a case's ledger.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowLedger {
    /// The case.
    pub case: CaseId,
}

/// Asks why each duty of a case is due when it is, or met, or not counted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// The case.
    pub case: CaseId,
    /// Only this line of the rulebook.
    #[serde(default)]
    pub rule: Option<String>,
}

/// A duty and the reasons for how it stands.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The duty; absent for a line that gives this case no duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obligation: Option<Obligation>,
    /// The line of the rulebook.
    pub rule: String,
    /// Where the line comes from: the guideline's section or the law.
    pub source: String,
    /// The reasons, in the order in which they apply.
    pub reasons: Vec<Words>,
}

/// Most cases in one answer to [`ListFacts`].
pub const MOST_FACTS: u16 = 100;

/// Asks for what is known of cases, in the order of their ids: what ledgers are derived from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListFacts {
    /// Only those after this one.
    pub after: Option<CaseId>,
}

/// A page of what is known of cases.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FactsPage {
    /// Which region's rulebook holds here.
    pub region: String,
    /// The service's time.
    pub now: DateTime<Utc>,
    /// The cases; at most [`MOST_FACTS`].
    pub cases: Vec<CaseFacts>,
    /// Ask for those after this one; absent: there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<CaseId>,
}

/// What is known of a case: the newest snapshot of each service, as it came.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct CaseFacts {
    /// From `admissions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Case>,
    /// From `coordination`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Assignment>,
    /// From `sip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sip: Option<Sip>,
}

/// Asks how many duties stand how.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountObligations {}

/// Figures of `deadlines`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObligationCounts {
    /// Cases with a ledger.
    pub cases: i64,
    /// Notices received by units.
    pub notices: i64,
    /// To be done, in time.
    pub open: i64,
    /// To be done, overdue.
    pub missed: i64,
    /// Done in time.
    pub met: i64,
    /// Done late.
    pub met_late: i64,
    /// No longer owed.
    pub cancelled: i64,
    /// Never done.
    pub still_missed: i64,
    /// Reminders told.
    pub reminders: i64,
    /// Escalations told.
    pub escalations: i64,
}

commands! { "deadlines":
    ShowLedger => "show_ledger", Ledger;
    Explain => "explain", Vec<Explanation>;
    ListFacts => "list_facts", FactsPage;
    CountObligations => "count_obligations", ObligationCounts;
    ShowPayment => "show_payment", PaymentDays;
    PaymentBasis => "payment_basis", PaymentPage;
    ShowStatistics => "show_statistics", StatisticsPage;
}
