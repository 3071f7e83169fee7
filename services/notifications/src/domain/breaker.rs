//! Who is not asked at present. A provider that fails one attempt after another would hold each
//! message up for its whole timeout; so after some failures it is left alone for a while, and then
//! one attempt finds out whether it is back.
//!
//! What is remembered is this process's own, in real time: a restart asks everybody again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::delivery::Provider;
use crate::outcome::{Reason, SendOutcome};

/// So many failures within [`WINDOW`] and none is asked for [`PAUSE`].
const FAILURES: usize = 5;
const WINDOW: Duration = Duration::from_secs(30);
/// How long a provider is left alone, and how long one attempt may take to find out.
pub const PAUSE: Duration = Duration::from_secs(30);

/// What is remembered of all providers.
#[derive(Debug, Default)]
pub struct Breaker(HashMap<Provider, Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// The latest ones, oldest first.
    failures: Vec<Instant>,
    closed_until: Option<Instant>,
}

impl Breaker {
    /// Whether a provider is to be asked now. Once its pause is over that is said once, and the
    /// next time only when the attempt has ended or another pause has passed.
    pub fn admits(&mut self, provider: Provider, now: Instant) -> bool {
        let Some(until) = self.0.get_mut(&provider).and_then(|seen| seen.closed_until.as_mut())
        else {
            return true;
        };
        if now < *until {
            return false;
        }
        *until = now + PAUSE;
        true
    }

    /// Remembers how an attempt ended.
    pub fn saw(&mut self, provider: Provider, outcome: &SendOutcome, now: Instant) {
        if !is_its_fault(outcome) {
            self.0.remove(&provider);
            return;
        }
        let seen = self.0.entry(provider).or_default();
        seen.failures.retain(|at| now.duration_since(*at) < WINDOW);
        seen.failures.push(now);
        if seen.closed_until.is_some() || seen.failures.len() >= FAILURES {
            seen.closed_until = Some(now + PAUSE);
        }
    }
}

/// Whether the next message would end alike, whoever it is to.
fn is_its_fault(outcome: &SendOutcome) -> bool {
    match outcome {
        SendOutcome::Accepted { .. } => false,
        SendOutcome::Refused { reason, .. } => matches!(
            reason,
            Reason::NotReached | Reason::Throttled | Reason::AccountRefused | Reason::Redirected
        ),
        SendOutcome::Unknown { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUNG: SendOutcome = SendOutcome::Unknown { reason: Reason::Timeout };
    const TAKEN: SendOutcome = SendOutcome::Accepted { provider_id: None, parts: 1 };

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn closed(at: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.admits(Provider::Elks, at));
            breaker.saw(Provider::Elks, &HUNG, at);
        }
        breaker
    }

    #[test]
    fn after_five_failures_a_provider_is_left_alone_and_the_others_are_not() {
        let now = Instant::now();
        let mut breaker = closed(now);
        assert!(!breaker.admits(Provider::Elks, now + seconds(29)));
        assert!(breaker.admits(Provider::Kannel, now));
    }

    #[test]
    fn after_the_pause_one_attempt_finds_out() {
        let now = Instant::now();
        let mut breaker = closed(now);
        let later = now + seconds(30);
        assert!(breaker.admits(Provider::Elks, later));
        assert!(!breaker.admits(Provider::Elks, later));
        breaker.saw(Provider::Elks, &HUNG, later);
        assert!(!breaker.admits(Provider::Elks, later + seconds(29)));
        assert!(breaker.admits(Provider::Elks, later + seconds(30)));
        breaker.saw(Provider::Elks, &TAKEN, later + seconds(31));
        assert!(breaker.admits(Provider::Elks, later + seconds(31)));
        assert!(breaker.admits(Provider::Elks, later + seconds(31)));
    }

    #[test]
    fn failures_far_apart_and_refusals_of_one_recipient_close_nothing() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        let nobody = SendOutcome::refused(true, Reason::RecipientRefused, Some(550));
        for n in 0..20 {
            let at = now + seconds(10 * n);
            breaker.saw(Provider::Smtp, &HUNG, at);
            breaker.saw(Provider::Elks, &nobody, now);
            assert!(breaker.admits(Provider::Smtp, at) && breaker.admits(Provider::Elks, now));
        }
    }
}
