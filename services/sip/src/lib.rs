//! The coordinated individual plan.
