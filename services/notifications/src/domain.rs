//! What can be decided about an alert without a clock, a database or a network.

pub mod alert;
pub mod backoff;
pub mod duty;
pub mod email;
pub mod hours;
pub mod language;
pub mod link;
pub mod phone;
pub mod report;
pub mod signing;
pub mod sms_text;
