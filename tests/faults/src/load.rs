//! The load: a hospital that admits patients through all three intakes, and staff who do some of what
//! their units owe. Both keep their own record of what they were answered.

pub(crate) mod hospital;
pub(crate) mod messages;
mod receipts;
pub(crate) mod staff;
