//! All SQL of the service.

pub(crate) mod cases;
pub(crate) mod kept;
pub(crate) mod messages;
pub(crate) mod notices;
pub(crate) mod patients;
