//! Why a command came to nothing, in words and as an exit code.

use std::fmt;

use contracts::CommandId;
use contracts::commands::Refusal;
use contracts::ledger::Words;
use messaging::CallError;
use serde::Serialize;

/// Failed or refused.
const FAILURE: u8 = 1;
/// Nothing to reach.
const UNAVAILABLE: u8 = 69;

/// A command came to nothing. Field names are those of [`Refusal`], which it often is.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    #[serde(skip)]
    pub(crate) exit: u8,
    pub(crate) code: String,
    pub(crate) message: Words,
    /// The field at fault, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// The id under which the command can be repeated without being carried out twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command_id: Option<CommandId>,
}

impl Failure {
    pub(crate) fn new(code: &str, sv: impl Into<String>, en: impl Into<String>) -> Self {
        Refusal::new(code, sv, en).into()
    }

    /// The command line was wrong.
    pub(crate) fn usage(sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self { exit: crate::USAGE, ..Self::new("usage", sv, en) }
    }

    /// There is nobody to ask.
    pub(crate) fn unreachable(sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self { exit: UNAVAILABLE, ..Self::new("unreachable", sv, en) }
    }

    /// A service gave no answer to a query.
    pub(crate) fn of_query(error: CallError) -> Self {
        match error {
            CallError::Refused(refusal) => refusal.into(),
            CallError::Failed { service } => Self::new(
                "failed",
                format!("{service} kunde inte svara just nu; se tjänstens logg."),
                format!("{service} could not answer now; see its log."),
            ),
            CallError::NoResponder { service } => Self::unreachable(
                format!("{service} är inte igång."),
                format!("{service} is not running."),
            ),
            CallError::NoAnswer { service } => Self::new(
                "no_answer",
                format!("{service} svarade inte i tid."),
                format!("{service} did not answer in time."),
            ),
            CallError::Answer { service, .. } => Self::new(
                "odd_answer",
                format!("Svaret från {service} går inte att förstå: är det en annan version?"),
                format!("The answer of {service} cannot be understood: is it another release?"),
            ),
        }
    }

    /// A service gave no answer to a command. Unless it was refused, it may have been carried out.
    pub(crate) fn of_command(error: CallError, id: CommandId) -> Self {
        let repeatable = !matches!(error, CallError::Refused(_));
        Self { command_id: repeatable.then_some(id), ..Self::of_query(error) }
    }
}

impl From<Refusal> for Failure {
    fn from(Refusal { code, message, field }: Refusal) -> Self {
        Self { exit: FAILURE, code, message, field, command_id: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hemgang: {}\n         {}", self.message.sv, self.message.en)?;
        write!(f, "\n         (kod / code {}", self.code)?;
        if let Some(field) = &self.field {
            write!(f, ", fält / field {field}")?;
        }
        f.write_str(")")?;
        if let Some(id) = self.command_id {
            write!(
                f,
                "\nUpprepa med samma id, då utförs det högst en gång.\n\
                 Repeat with the same id, then it is carried out at most once.\n\
                 \x20 --command-id {id}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_both_languages_with_its_field() {
        let refusal = Refusal::new("in_the_future", "Framtid.", "Future.").at("/occurred_at");
        let id = CommandId(uuid::Uuid::nil());
        let failure = Failure::of_command(CallError::Refused(refusal), id);
        let text = failure.to_string();
        for part in ["Framtid.", "Future.", "in_the_future", "/occurred_at"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("--command-id"), "a refusal has its answer: {text}");
        assert_eq!(failure.exit, FAILURE);
    }

    #[test]
    fn a_command_without_an_answer_names_the_id_to_repeat_it_with() {
        let id = CommandId(uuid::Uuid::from_u128(7));
        let failure = Failure::of_command(CallError::NoAnswer { service: "sip".to_owned() }, id);
        assert!(failure.to_string().contains(&format!("--command-id {id}")));
    }

    #[test]
    fn a_service_that_does_not_run_is_nothing_to_reach() {
        let failure = Failure::of_query(CallError::NoResponder { service: "sip".to_owned() });
        assert_eq!(failure.exit, UNAVAILABLE);
    }
}
