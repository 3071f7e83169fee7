//! All SQL of the service.

pub(crate) mod cases;
pub(crate) mod compare;
pub(crate) mod kept;
pub(crate) mod messages;
pub(crate) mod naming;
pub(crate) mod notices;
pub(crate) mod patients;
pub(crate) mod seen;

/// Most bytes of rows in one answer: it must fit into a message of the broker.
const MOST_LISTED: i64 = 512 * 1024;
