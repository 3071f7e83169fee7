//! All SQL of the service, by what it is about.
//!
//! Locks are taken in one order: cases, then alerts, each in id order, then deliveries. Whoever
//! changes a delivery holds its alert, so nobody ever waits for a delivery.

pub(crate) mod alerts;
pub(crate) mod contacts;
pub(crate) mod deliveries;
pub(crate) mod due;
pub(crate) mod ledgers;
pub(crate) mod meetings;
pub(crate) mod wanting;

use std::str::FromStr;

/// A value that this service wrote itself.
fn parsed<T>(text: &str) -> Result<T, sqlx::Error>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
