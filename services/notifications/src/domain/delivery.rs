//! A delivery, one alert by one channel, and what follows from each attempt at it.
//!
//! Within a channel one attempt follows another: at once through the provider that has not been
//! asked in this round, after a wait when all have. Only a refusal that is about the recipient or
//! the message ends it. When a channel will not take it, or has not for a while, the contact's
//! other channel has its turn. When nobody knows whether it was taken, it is sent once more, and
//! says so; what happens to that second copy starts no third. Of the deliveries of an alert one at
//! a time is attempted, and what may have gone out by one takes back what is queued of the others.

use std::time::Duration;

use super::backoff;
use crate::outcome::SendOutcome;

/// Enums that are stored and shown by name.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The name, as stored, logged and counted.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The one of this name.
            #[must_use]
            pub fn named(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

named!(
    /// How a message travels.
    Channel {
        /// Mail.
        Email = "email",
        /// SMS.
        Sms = "sms",
    }
);

named!(
    /// Who carries it.
    Provider {
        /// The mail server.
        Smtp = "smtp",
        /// 46elks.
        Elks = "elks",
        /// A Kannel gateway.
        Kannel = "kannel",
    }
);

named!(
    /// How far a delivery has come.
    State {
        /// To be attempted at its time.
        Queued = "queued",
        /// Written down before the call was made; nothing is known yet.
        Attempting = "attempting",
        /// A provider has taken it.
        Accepted = "accepted",
        /// A provider reports that it has arrived.
        Delivered = "delivered",
        /// This channel will not take it.
        Failed = "failed",
        /// A provider may or may not have taken it.
        Unknown = "unknown",
        /// Not sent: no longer true, or no longer needed.
        Withdrawn = "withdrawn",
    }
);

impl Channel {
    const fn other(self) -> Self {
        match self {
            Self::Email => Self::Sms,
            Self::Sms => Self::Email,
        }
    }
}

/// The SMS providers that are set up, in the order in which they are asked.
#[derive(Clone, Debug, Default)]
pub struct Providers(Vec<Provider>);

impl Providers {
    /// Asked in this order.
    #[must_use]
    pub fn new(sms: Vec<Provider>) -> Self {
        Self(sms)
    }

    /// Who is asked first, if there is anybody.
    #[must_use]
    pub fn first(&self, channel: Channel) -> Option<Provider> {
        match channel {
            Channel::Email => Some(Provider::Smtp),
            Channel::Sms => self.0.first().copied(),
        }
    }

    fn has(&self, provider: Provider) -> bool {
        provider == Provider::Smtp || self.0.contains(&provider)
    }

    /// Whom to ask instead of `provider`: itself, or the next one that `is_asked` at present.
    #[must_use]
    pub fn instead(
        &self,
        provider: Provider,
        mut is_asked: impl FnMut(Provider) -> bool,
    ) -> Option<Provider> {
        let mut candidate = provider;
        for _ in 0..=self.0.len() {
            if is_asked(candidate) {
                return Some(candidate);
            }
            candidate = self.after(candidate);
            if candidate == provider {
                break;
            }
        }
        None
    }

    /// Whether there is anybody to ask for an SMS.
    #[must_use]
    pub fn any_sms(&self) -> bool {
        !self.0.is_empty()
    }

    /// How many there are to ask.
    fn count(&self, channel: Channel) -> u32 {
        match channel {
            Channel::Email => 1,
            Channel::Sms => u32::try_from(self.0.len()).unwrap_or(1).max(1),
        }
    }

    /// Who is asked after `provider`: itself when it is alone.
    fn after(&self, provider: Provider) -> Provider {
        if provider == Provider::Smtp {
            return provider;
        }
        let place = self.0.iter().position(|one| *one == provider);
        let next = place.map_or(0, |place| place + 1);
        let next = self.0.get(next).or(self.0.first());
        next.copied().unwrap_or(provider)
    }
}

/// The channels that a contact point has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Channels {
    /// It has a mail address.
    pub email: bool,
    /// It has a telephone number, and a provider is set up.
    pub sms: bool,
}

impl Channels {
    /// The one that is tried first: a mail says more and costs nothing.
    #[must_use]
    pub const fn first(self) -> Option<Channel> {
        match self {
            Self { email: true, .. } => Some(Channel::Email),
            Self { sms: true, .. } => Some(Channel::Sms),
            _ => None,
        }
    }

    const fn has(self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.email,
            Channel::Sms => self.sms,
        }
    }
}

/// An attempt that has been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// By which way.
    pub channel: Channel,
    /// Through whom.
    pub provider: Provider,
    /// Attempts at this delivery, this one included.
    pub attempts: u32,
    /// Whether an earlier message of the alert may have arrived.
    pub repeat: bool,
}

/// What is known of an alert beside the attempt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The ways to the recipient.
    pub channels: Channels,
    /// The deliveries that the alert has: channel, and whether it is a repeat.
    pub tried: &'a [(Channel, bool)],
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// The same delivery again, through this provider, after this wait.
    pub retry: Option<(Provider, Duration)>,
    /// Another delivery.
    pub other: Option<Other>,
}

/// A delivery that follows from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    /// By this way.
    pub channel: Channel,
    /// Through this provider.
    pub provider: Provider,
    /// Whether it says that it may have come already.
    pub repeat: bool,
    /// After this wait.
    pub wait: Duration,
}

/// The state after an attempt, and what is to be done next. `jitter` is a random number from 0 to 1.
#[must_use]
pub fn after(
    outcome: &SendOutcome,
    attempt: Attempt,
    around: Around<'_>,
    providers: &Providers,
    jitter: f64,
) -> (State, Next) {
    match outcome {
        SendOutcome::Accepted { .. } => (State::Accepted, Next::default()),
        SendOutcome::Refused { permanent, .. } => {
            refused(attempt, *permanent, around, providers, jitter)
        }
        SendOutcome::Unknown { .. } => {
            let other = once_more(attempt, around, providers, jitter);
            (State::Unknown, Next { retry: None, other })
        }
    }
}

/// What follows when a provider that took an SMS reports that it will not arrive. Reports may be
/// wrong, so the next message says that it may have come already; asking the same provider again
/// would be answered alike.
#[must_use]
pub fn after_failed_report(attempt: Attempt, around: Around<'_>, providers: &Providers) -> Next {
    let other = if attempt.repeat {
        other_way(attempt.channel, true, around, providers)
    } else {
        once_more(attempt, around, providers, 0.0)
            .filter(|other| (other.channel, other.provider) != (attempt.channel, attempt.provider))
    };
    Next { retry: None, other }
}

fn refused(
    attempt: Attempt,
    permanent: bool,
    around: Around<'_>,
    providers: &Providers,
    jitter: f64,
) -> (State, Next) {
    let Attempt { channel, provider, attempts, repeat } = attempt;
    let (in_round, next) = (providers.count(channel), providers.after(provider));
    // A provider that is not set up any more had no place in the round.
    if next != provider && (attempts % in_round != 0 || !providers.has(provider)) {
        return (State::Queued, Next { retry: Some((next, Duration::ZERO)), other: None });
    }
    if permanent {
        let other = other_way(channel, repeat, around, providers);
        return (State::Failed, Next { retry: None, other });
    }
    let rounds = attempts.div_ceil(in_round);
    let other = (rounds >= backoff::ROUNDS_ALONE)
        .then(|| other_way(channel, repeat, around, providers))
        .flatten();
    let wait = backoff::next_round(rounds, jitter);
    (State::Queued, Next { retry: Some((next, wait)), other })
}

/// The contact's other channel, unless the alert has gone that way.
#[must_use]
pub fn other_way(
    channel: Channel,
    repeat: bool,
    around: Around<'_>,
    providers: &Providers,
) -> Option<Other> {
    let channel = channel.other();
    if !around.channels.has(channel) || around.tried.contains(&(channel, repeat)) {
        return None;
    }
    let provider = providers.first(channel)?;
    Some(Other { channel, provider, repeat, wait: Duration::ZERO })
}

/// A second copy: by the other channel if that is untried, else through the other provider, else
/// the same way after a wait, in which a report may still tell.
fn once_more(
    attempt: Attempt,
    around: Around<'_>,
    providers: &Providers,
    jitter: f64,
) -> Option<Other> {
    if attempt.repeat || around.tried.iter().any(|(_, repeat)| *repeat) {
        return None;
    }
    if let Some(other) = other_way(attempt.channel, false, around, providers) {
        return Some(Other { repeat: true, ..other });
    }
    let provider = providers.after(attempt.provider);
    let wait =
        if provider == attempt.provider { backoff::next_round(1, jitter) } else { Duration::ZERO };
    Some(Other { channel: attempt.channel, provider, repeat: true, wait })
}

#[cfg(test)]
mod tests;
