//! What a provider says later about a message that it took, and how it proves who it is.
//!
//! A report only steers retries; no report closes an alert, only a person does. Reports come late,
//! twice and out of order, so a state only moves forward and the first final one stays.

use uuid::Uuid;

use super::signing::{Purpose, SigningKey, TokenError};

/// How far one attempt has come, in the order in which it can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// Written down before the call was made.
    Attempting,
    /// Nobody knows whether the provider took it; a report can still tell.
    Unknown,
    /// The provider took it.
    Accepted,
    /// The provider has handed it to the network.
    Sent,
    /// It will not arrive.
    Failed,
    /// It is on the recipient's telephone.
    Delivered,
}

impl Progress {
    /// Whether nothing more will change it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Failed | Self::Delivered)
    }
}

/// The state after a report: the reported one when it lies ahead, else the one before.
#[must_use]
pub fn advance(current: Progress, reported: Progress) -> Progress {
    if current.is_final() { current } else { current.max(reported) }
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
    use proptest::prelude::*;

    const ALL: [Progress; 6] = [
        Progress::Attempting,
        Progress::Unknown,
        Progress::Accepted,
        Progress::Sent,
        Progress::Failed,
        Progress::Delivered,
    ];

    fn any_progress() -> impl Strategy<Value = Progress> {
        proptest::sample::select(ALL.to_vec())
    }

    #[test]
    fn a_report_resolves_an_unknown_outcome() {
        assert_eq!(advance(Progress::Unknown, Progress::Delivered), Progress::Delivered);
    }

    #[test]
    fn a_late_sent_does_not_undo_a_delivery() {
        assert_eq!(advance(Progress::Delivered, Progress::Sent), Progress::Delivered);
    }

    #[test]
    fn the_first_final_report_stays() {
        assert_eq!(advance(Progress::Failed, Progress::Delivered), Progress::Failed);
        assert_eq!(advance(Progress::Delivered, Progress::Failed), Progress::Delivered);
    }

    #[test]
    fn an_address_names_its_attempt_to_its_provider_alone() {
        let key = SigningKey::new(&[7; 32]).expect("a key");
        let token = sign(&key, Purpose::ElksReport, Uuid::from_u128(9));
        assert_eq!(verify(&key, Purpose::ElksReport, &token), Ok(Uuid::from_u128(9)));
        assert_eq!(verify(&key, Purpose::KannelReport, &token), Err(TokenError::Forged));
    }

    proptest! {
        #[test]
        fn no_report_moves_a_state_back(current in any_progress(), reported in any_progress()) {
            prop_assert!(advance(current, reported) >= current);
        }

        #[test]
        fn a_report_said_twice_changes_nothing_more(
            current in any_progress(),
            reported in any_progress(),
        ) {
            let once = advance(current, reported);
            prop_assert_eq!(advance(once, reported), once);
        }
    }
}
