//! The business answer to a sender that speaks over the broker or HTTP.

use serde::{Deserialize, Serialize};

use contracts::CaseRef;

use crate::outcome::{Fault, Outcome, Reason, Verdict};

/// What became of a message. Names fields, never values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The `Nats-Msg-Id` that the message came under, else the id that it has here.
    pub message_id: String,
    /// The sender's id inside the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_id: Option<String>,
    /// What was done with it.
    pub outcome: Said,
    /// The case, by the name that people use for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_ref: Option<CaseRef>,
    /// The sender had used the id for another message; both were handled.
    #[serde(default)]
    pub id_reused: bool,
    /// Why it was rejected, or what of it was left out.
    pub reasons: Vec<Reason>,
}

/// What was done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It was acted on.
    Accepted,
    /// It is kept; nothing in it is for us.
    NotUsed,
    /// The same message had been acted on before.
    Duplicate,
    /// It is kept, and was not acted on: mend it and send it under a new id.
    Rejected,
    /// It was not taken in: send it again under a new id.
    Transient,
}

impl Receipt {
    /// The receipt of an outcome. A message that the broker delivers again, since its receipt may
    /// never have been sent, gets the receipt of its first delivery.
    #[must_use]
    pub fn of(outcome: &Outcome, message_id: Option<String>, is_redelivered: bool) -> Self {
        let said = match outcome.verdict {
            Verdict::Accepted if outcome.duplicate && !is_redelivered => Said::Duplicate,
            Verdict::Accepted => Said::Accepted,
            Verdict::NotUsed => Said::NotUsed,
            Verdict::Refused => Said::Rejected,
        };
        Self {
            message_id: message_id.unwrap_or_else(|| outcome.id.to_string()),
            control_id: outcome.control_id.clone(),
            outcome: said,
            case_ref: outcome.case_ref,
            id_reused: outcome.flagged,
            reasons: outcome.faults.iter().map(Fault::reason).collect(),
        }
    }
}
