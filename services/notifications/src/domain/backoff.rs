//! When a delivery that failed for the moment is tried again, in real time.
//!
//! The waits are short at first, because a duty's next step is minutes away. After
//! [`ROUNDS_ALONE`] the recipient's other channel has its turn too, and the waits are long: an
//! outage ends some time, and then the message is still wanted.

use std::time::Duration;

/// Rounds through a channel's providers before the other channel is taken too, the first included.
/// A mail server is a round by itself.
pub const ROUNDS_ALONE: u32 = 5;

const WAITS: [Duration; 6] = [
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(5),
    Duration::from_mins(5),
    Duration::from_mins(10),
    LONGEST,
];

/// With the jitter a quarter of an hour.
const LONGEST: Duration = Duration::from_mins(12);

/// The share of a wait that jitter may add, so that what failed together does not return together.
const SPREAD: f64 = 0.25;

/// How long to wait after `rounds` failed ones.
///
/// `jitter` is a random number from 0 to 1; what lies outside is taken as the nearer end. The wait
/// is never shorter than the schedule, so a server that asked for peace gets it.
#[must_use]
pub fn next_round(rounds: u32, jitter: f64) -> Duration {
    let step = usize::try_from(rounds.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = WAITS.get(step).copied().unwrap_or(LONGEST);
    let jitter = if jitter.is_nan() { 0.0 } else { jitter.clamp(0.0, 1.0) };
    wait.mul_f64(1.0 + SPREAD * jitter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_grow_to_a_quarter_of_an_hour_and_stay_there() {
        let waits: Vec<u64> = (1..=5).map(|rounds| next_round(rounds, 0.0).as_secs()).collect();
        assert_eq!(waits, [30, 120, 300, 300, 600]);
        assert_eq!(next_round(u32::MAX, 1.0), Duration::from_mins(15));
    }

    proptest! {
        #[test]
        fn jitter_adds_at_most_a_quarter(rounds in any::<u32>(), jitter in any::<f64>()) {
            let (plain, wait) = (next_round(rounds, 0.0), next_round(rounds, jitter));
            prop_assert!(plain <= wait && wait <= plain.mul_f64(1.25));
        }
    }
}
