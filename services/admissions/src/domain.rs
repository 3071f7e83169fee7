//! What follows from what: pure, `now` and ids are arguments.

pub(crate) mod apply;
pub(crate) mod entries;
pub(crate) mod frequent;
pub(crate) mod merge;
pub(crate) mod notice;
pub(crate) mod orders;
pub(crate) mod person;
pub(crate) mod planning;
pub(crate) mod readmission;
pub(crate) mod stay;
