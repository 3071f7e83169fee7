//! What can be decided about an alert without a clock, a database or a network.

pub mod backoff;
pub mod breaker;
pub(crate) mod causes;
pub mod delivery;
pub(crate) mod digest;
pub mod email;
pub mod link;
pub mod meetings;
pub mod phone;
pub mod report;
pub(crate) mod roster;
pub mod sender_name;
pub mod signing;
pub mod sms_text;
pub mod telling;
