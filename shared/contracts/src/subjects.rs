//! Names on the broker. Operators and hospital systems rely on them.

/// Streams of events, one per service, and the two of the intake.
pub mod stream {
    /// Raw admissions from hospital systems. Short-lived; read by `admissions` alone; the only
    /// place on the broker where a patient is named.
    pub const INTAKE: &str = "HEMGANG_INTAKE";
    /// The business answers to hospital systems.
    pub const RECEIPTS: &str = "HEMGANG_RECEIPTS";
    /// Events of `admissions`.
    pub const ADMISSIONS: &str = "HEMGANG_ADMISSIONS";
    /// Events of `coordination`.
    pub const COORDINATION: &str = "HEMGANG_COORDINATION";
    /// Events of `sip`.
    pub const SIP: &str = "HEMGANG_SIP";
    /// Events of `deadlines`.
    pub const DEADLINES: &str = "HEMGANG_DEADLINES";
    /// Events of `notifications`.
    pub const NOTIFICATIONS: &str = "HEMGANG_NOTIFICATIONS";
}

/// A case's newest snapshot.
pub const CASE_CHANGED: &str = "hemgang.v1.admissions.case_changed";
/// A unit's newest snapshot.
pub const UNIT_CHANGED: &str = "hemgang.v1.coordination.unit_changed";
/// A case's routing, contacts and reports.
pub const ASSIGNMENT_CHANGED: &str = "hemgang.v1.coordination.assignment_changed";
/// A case's coordinated individual plan.
pub const SIP_CHANGED: &str = "hemgang.v1.sip.sip_changed";
/// A case's duties and their steps.
pub const LEDGER_CHANGED: &str = "hemgang.v1.deadlines.ledger_changed";
/// One logical alert.
pub const ALERT_CHANGED: &str = "hemgang.v1.notifications.alert_changed";
/// How and when a unit can be reached.
pub const UNIT_REACH_CHANGED: &str = "hemgang.v1.notifications.unit_reach_changed";

/// Everything that hospital systems send.
pub const INTAKE_ALL: &str = "hemgang.v1.intake.>";
/// All receipts.
pub const RECEIPTS_ALL: &str = "hemgang.v1.receipts.>";

/// The stream of a service's events: `HEMGANG_` and its name in capitals.
#[must_use]
pub fn stream_of(service: &str) -> String {
    format!("HEMGANG_{}", service.to_uppercase())
}

/// Every event subject of a service.
#[must_use]
pub fn events_of(service: &str) -> String {
    format!("hemgang.v1.{service}.>")
}

/// Where replicas of a service tell the one with the relay that there is something to publish. Nothing
/// is lost with such a message: the relay looks by itself.
#[must_use]
pub fn wake_of(service: &str) -> String {
    format!("hemgang.v1.wake.{service}")
}

/// The subject of a command or query.
#[must_use]
pub fn command(service: &str, verb: &str) -> String {
    format!("hemgang.v1.cmd.{service}.{verb}")
}

/// Where a sender finds the answers to what it sent.
#[must_use]
pub fn receipts(sender: &str) -> String {
    format!("hemgang.v1.receipts.{sender}")
}
