//! What is published is a promise: its shape is committed, its samples decode for ever, and it
//! holds nothing about a patient.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers included")]

mod privacy;
mod samples;
mod schemas;
mod shapes;
