//! What follows from what: pure, `now` and ids are arguments.

pub(crate) mod appointments;
pub(crate) mod cooperation;
pub(crate) mod directory;
pub(crate) mod routing;
