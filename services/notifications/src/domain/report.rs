//! What a provider says later about a message that it took, and how it proves who it is.
//!
//! A report only steers retries; no report closes an alert, only a person does. Reports come late,
//! twice and out of order, so a state only moves forward and the first final one stays.

use uuid::Uuid;

use super::delivery::State;
use super::signing::{Purpose, SigningKey, TokenError};

/// How far a message has come, as its provider reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    /// The provider took it.
    Accepted,
    /// The provider has handed it to the network.
    Sent,
    /// It will not arrive.
    Failed,
    /// It is on the recipient's telephone.
    Delivered,
}

/// The state that a report moves a delivery on to; `None` when it changes nothing.
///
/// A failure is believed only of what the provider had or may have had. An arrival is believed of
/// all that was attempted and is not final.
#[must_use]
pub fn advance(current: State, reported: Progress) -> Option<State> {
    let under_way = matches!(current, State::Attempting | State::Unknown);
    match reported {
        Progress::Accepted | Progress::Sent if under_way => Some(State::Accepted),
        Progress::Failed if under_way || current == State::Accepted => Some(State::Failed),
        Progress::Delivered if under_way || matches!(current, State::Accepted | State::Queued) => {
            Some(State::Delivered)
        }
        _ => None,
    }
}

/// The token in the address to which one attempt's reports are sent.
///
/// Neither 46elks nor Kannel signs its reports. Each attempt has an address of its own instead,
/// which only the provider was told: knowing it is the proof, and it is good for that one attempt.
#[must_use]
pub fn sign(key: &SigningKey, provider: Purpose, attempt: Uuid) -> String {
    key.seal(provider, attempt.as_bytes())
}

/// The attempt that a report's address names.
pub fn verify(key: &SigningKey, provider: Purpose, token: &str) -> Result<Uuid, TokenError> {
    key.open(provider, token).map(Uuid::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 7] = [
        State::Queued,
        State::Attempting,
        State::Unknown,
        State::Accepted,
        State::Failed,
        State::Delivered,
        State::Withdrawn,
    ];
    const REPORTS: [Progress; 4] =
        [Progress::Accepted, Progress::Sent, Progress::Failed, Progress::Delivered];

    #[test]
    fn a_report_resolves_an_unknown_outcome() {
        assert_eq!(advance(State::Unknown, Progress::Delivered), Some(State::Delivered));
        assert_eq!(advance(State::Unknown, Progress::Sent), Some(State::Accepted));
    }

    #[test]
    fn the_first_final_state_stays() {
        for end in [State::Failed, State::Delivered, State::Withdrawn] {
            for report in REPORTS {
                assert_eq!(advance(end, report), None);
            }
        }
    }

    #[test]
    fn a_report_said_twice_changes_nothing_more() {
        for state in STATES {
            for report in REPORTS {
                if let Some(once) = advance(state, report) {
                    assert_eq!(advance(once, report), None, "{state:?} {report:?}");
                }
            }
        }
    }

    #[test]
    fn a_late_sent_does_not_undo_a_delivery() {
        assert_eq!(advance(State::Delivered, Progress::Sent), None);
    }

    #[test]
    fn an_address_names_its_attempt_to_its_provider_alone() {
        let key = SigningKey::new(&[7; 32]).expect("a key");
        let token = sign(&key, Purpose::ElksReport, Uuid::from_u128(9));
        assert_eq!(verify(&key, Purpose::ElksReport, &token), Ok(Uuid::from_u128(9)));
        assert_eq!(verify(&key, Purpose::KannelReport, &token), Err(TokenError::Forged));
    }
}
