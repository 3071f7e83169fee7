//! What became of one attempt to send, the same for mail and SMS.
//!
//! The distinction that matters is between *certainly not sent*, which may be tried again, and
//! *unknown*, which may not without saying so: nobody who was woken once should be woken twice by
//! a timeout, and nobody should sleep because we took a timeout for success.

/// The answer to one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider or server has taken responsibility for it.
    Accepted {
        /// The provider's own id for it, when it gives one.
        provider_id: Option<String>,
        /// Parts that an SMS was charged as; 1 for a mail.
        parts: usize,
    },
    /// It was certainly not sent.
    Refused {
        /// Whether another try through the same provider to the same address would end alike.
        permanent: bool,
        /// Why.
        reason: Reason,
        /// The HTTP status or SMTP reply code, when one was given.
        code: Option<u16>,
    },
    /// It may have been sent.
    Unknown {
        /// Why nobody knows.
        reason: Reason,
    },
}

impl SendOutcome {
    pub(crate) const fn refused(permanent: bool, reason: Reason, code: Option<u16>) -> Self {
        Self::Refused { permanent, reason, code }
    }
}

/// Why an attempt was not accepted: few enough to be labels of a metric, and without a word of
/// what the other side wrote, which may repeat address or text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Name, route, connection, TLS or conversation failed before the message was handed over.
    NotReached,
    /// The other side cannot take it now.
    Busy,
    /// The other side wants us to send more slowly.
    Throttled,
    /// Our own account or set-up is refused: credentials, credit, missing encryption.
    AccountRefused,
    /// The recipient's address is refused: the contact point is wrong.
    RecipientRefused,
    /// The message or request is refused, for the address or another reason.
    RequestRefused,
    /// The provider points elsewhere, where we do not send telephone numbers.
    Redirected,
    /// The message was under way and no answer came in time.
    Timeout,
    /// The message was under way when the connection broke.
    ConnectionLost,
    /// The provider failed while it had the message in its hands.
    ServerError,
    /// The provider said yes in words that cannot be read.
    UnreadableAnswer,
    /// The process that made the attempt ended before it could say what became of it.
    Interrupted,
    /// The contact point has no such address any more.
    NoAddress,
    /// The provider is not set up any more.
    NotSetUp,
}

impl Reason {
    /// The reason as it is stored, logged and counted.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotReached => "not_reached",
            Self::Busy => "busy",
            Self::Throttled => "throttled",
            Self::AccountRefused => "account_refused",
            Self::RecipientRefused => "recipient_refused",
            Self::RequestRefused => "request_refused",
            Self::Redirected => "redirected",
            Self::Timeout => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::ServerError => "server_error",
            Self::UnreadableAnswer => "unreadable_answer",
            Self::Interrupted => "interrupted",
            Self::NoAddress => "no_address",
            Self::NotSetUp => "not_set_up",
        }
    }
}
