//! When a delivery that failed for the moment is tried again, in real time.
//!
//! The waits are short, because a duty's next step is minutes away and a second provider or
//! channel is better than a fifth try: after [`MAX_ROUNDS`] the caller goes on to that.

use std::time::Duration;

/// Rounds through a channel's providers, the first included. A mail server is a round by itself.
pub const MAX_ROUNDS: u32 = 5;

const WAITS: [Duration; 3] =
    [Duration::from_secs(30), Duration::from_mins(2), Duration::from_mins(5)];

/// The share of a wait that jitter may add, so that what failed together does not return together.
const SPREAD: f64 = 0.25;

/// How long to wait after `rounds` failed ones, or `None` when this channel has had its tries.
///
/// `jitter` is a random number from 0 to 1; what lies outside is taken as the nearer end. The wait
/// is never shorter than the schedule, so a server that asked for peace gets it.
#[must_use]
pub fn next_round(rounds: u32, jitter: f64) -> Option<Duration> {
    if rounds >= MAX_ROUNDS {
        return None;
    }
    let step = usize::try_from(rounds.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = WAITS.get(step).or(WAITS.last())?;
    let jitter = if jitter.is_nan() { 0.0 } else { jitter.clamp(0.0, 1.0) };
    Some(wait.mul_f64(1.0 + SPREAD * jitter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_grow_to_five_minutes_and_then_end() {
        let waits: Vec<Option<u64>> =
            (1..=5).map(|rounds| next_round(rounds, 0.0).map(|wait| wait.as_secs())).collect();
        assert_eq!(waits, [Some(30), Some(120), Some(300), Some(300), None]);
    }

    proptest! {
        #[test]
        fn jitter_adds_at_most_a_quarter(rounds in 0..MAX_ROUNDS, jitter in any::<f64>()) {
            let plain = next_round(rounds, 0.0).expect("rounds are left");
            let wait = next_round(rounds, jitter).expect("rounds are left");
            prop_assert!(plain <= wait && wait <= plain.mul_f64(1.25));
        }

        #[test]
        fn no_schedule_goes_on_for_ever(rounds in MAX_ROUNDS.., jitter in 0.0..1.0) {
            prop_assert_eq!(next_round(rounds, jitter), None);
        }
    }
}
