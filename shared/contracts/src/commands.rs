//! What services can be asked to do, and what they answer.
//!
//! A command goes as a request on `hemgang.v1.cmd.<service>.<verb>` with an id and an actor in its
//! headers; the same id gets the same stored answer. A query changes nothing and is not stored.

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{CaseId, HsaId, StaffId};

mod admissions;
mod cooperation;
mod coordination;
mod deadlines;
mod known;
mod notifications;
mod payment;
mod planning;
mod sip;
mod statistics;

pub use admissions::*;
pub use cooperation::*;
pub use coordination::*;
pub use deadlines::*;
pub use known::*;
pub use notifications::*;
pub use payment::*;
pub use planning::*;
pub use sip::*;
pub use statistics::*;

/// A command or query: which service answers it, and with what.
pub trait Command: Serialize + DeserializeOwned + Send + Sync {
    /// The service that owns it.
    const SERVICE: &'static str;
    /// Its name in the subject.
    const VERB: &'static str;
    /// The answer.
    type Answer: Serialize + DeserializeOwned + Send;
}

/// A command or query as schemas, for those who speak to a service from outside.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its name in the subject.
    pub verb: &'static str,
    /// What is sent.
    pub request: Schema,
    /// What is answered.
    pub answer: Schema,
}

/// Ties request types to their service, verb and answer.
macro_rules! commands {
    ($service:literal: $($request:ty => $verb:literal, $answer:ty;)*) => {
        $(impl $crate::commands::Command for $request {
            const SERVICE: &'static str = $service;
            const VERB: &'static str = $verb;
            type Answer = $answer;
        })*

        /// All of them, in the order in which they are declared.
        pub(super) fn described(
            schemas: &mut schemars::SchemaGenerator,
        ) -> Vec<$crate::commands::Described> {
            vec![$($crate::commands::Described {
                verb: $verb,
                request: schemas.subschema_for::<$request>(),
                answer: schemas.subschema_for::<$answer>(),
            }),*]
        }
    };
}
pub(crate) use commands;

/// The commands and queries of a service beside those of [`any`]; the types that they share are
/// definitions of `schemas`. None for a name that is no service's.
#[must_use]
pub fn described(service: &str, schemas: &mut SchemaGenerator) -> Vec<Described> {
    match service {
        "admissions" => admissions::described(schemas),
        "coordination" => known::with_known(coordination::described(schemas), schemas),
        "deadlines" => known::with_known(deadlines::described(schemas), schemas),
        "notifications" => notifications::described(schemas),
        "sip" => known::with_known(sip::described(schemas), schemas),
        _ => Vec::new(),
    }
}

/// Who acts: sent in the header `Hemgang-Actor`, trusted because broker permissions let only the
/// portal and the operator send commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// The member of staff.
    pub staff: StaffId,
    /// The unit on whose behalf.
    pub unit: HsaId,
}

/// The answer to a command that changes a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// False when it was so already, and nothing changed.
    pub changed: bool,
}

/// Why a command was not carried out. Names fields, never their values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// For programs, such as `already_appointed`.
    pub code: String,
    /// For people.
    pub message: crate::ledger::Words,
    /// The field at fault, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Refusal {
    /// A refusal in both languages.
    pub fn new(code: &str, sv: impl Into<String>, en: impl Into<String>) -> Self {
        let message = crate::ledger::Words { sv: sv.into(), en: en.into() };
        Self { code: code.to_owned(), message, field: None }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}

/// When something happened, for those who report it afterwards. Absent: now.
pub type HappenedAt = Option<DateTime<Utc>>;

/// What every service can be asked, whatever its business.
pub mod any {
    use super::{
        CaseId, DateTime, Described, Deserialize, HsaId, JsonSchema, SchemaGenerator, Serialize,
        StaffId, Utc,
    };

    /// Asks for dead letters, newest first.
    pub const LIST_DEAD_LETTERS: &str = "list_dead_letters";
    /// Asks for one dead letter with its payload.
    pub const SHOW_DEAD_LETTER: &str = "show_dead_letter";
    /// Handles a dead letter once more, on behalf of somebody.
    pub const REPLAY_DEAD_LETTER: &str = "replay_dead_letter";
    /// Gives a dead letter up, on behalf of somebody: it will never be handled, and need not be.
    pub const DISCARD_DEAD_LETTER: &str = "discard_dead_letter";
    /// Asks who has read what of a case there, newest first.
    pub const LIST_ACCESSES: &str = "list_accesses";
    /// Publishes again every aggregate that is live or has changed in the last 30 days.
    pub const RESYNC: &str = "resync";
    /// Up to which stream sequence everything committed before the question is published.
    pub const PUBLISHED_UP_TO: &str = "published_up_to";
    /// Backlogs and dead letters in figures.
    pub const STATUS: &str = "status";

    /// The answer to [`PUBLISHED_UP_TO`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
    pub struct PublishedUpTo {
        /// The incarnation of the stream that the sequence belongs to.
        pub incarnation: uuid::Uuid,
        /// The last sequence that the service has published.
        pub sequence: u64,
        /// False when an event could not be published at all and was set aside: what it says is
        /// nowhere.
        #[serde(default = "complete")]
        pub complete: bool,
    }

    const fn complete() -> bool {
        true
    }

    /// Asks for a resync.
    #[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(default, deny_unknown_fields)]
    pub struct Resync {
        /// The service's database was restored to an earlier moment: a new epoch begins.
        pub restored: bool,
    }

    /// Most readings in one answer to [`LIST_ACCESSES`].
    pub const MOST_ACCESSES: u16 = 1_000;

    /// Asks who has read what of a case.
    #[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct ListAccesses {
        /// The case.
        pub case: CaseId,
        /// Only those older than this one, to go on from the last of an earlier answer.
        #[serde(default)]
        pub before: Option<i64>,
    }

    /// Somebody has read something of a case.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
    pub struct Access {
        /// Its number in that service's log.
        pub id: i64,
        /// When.
        pub at: DateTime<Utc>,
        /// Who.
        pub staff: StaffId,
        /// On behalf of which unit.
        pub unit: HsaId,
        /// By which command.
        pub what: String,
    }

    /// One dead letter.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
    pub struct DeadLetter {
        /// Its id.
        pub id: uuid::Uuid,
        /// The subject it came on.
        pub subject: String,
        /// The event's or message's id, when it had one.
        pub message_id: Option<String>,
        /// Why it could not be handled.
        pub reason: String,
        /// Since when.
        pub set_aside_at: DateTime<Utc>,
        /// When it was handled after all.
        pub replayed_at: Option<DateTime<Utc>>,
        /// The payload, in answers to [`SHOW_DEAD_LETTER`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub payload: Option<String>,
    }

    /// Names one dead letter.
    #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
    pub struct DeadLetterId {
        /// Its id.
        pub id: uuid::Uuid,
    }

    /// The answer to [`STATUS`].
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct Status {
        /// The service.
        pub service: String,
        /// Its release.
        pub release: String,
        /// The epoch of its database.
        pub epoch: i32,
        /// Snapshots written and not yet published.
        pub unpublished: i64,
        /// The age of the oldest of them, in seconds of real time.
        pub oldest_unpublished_s: f64,
        /// Dead letters that wait for somebody.
        pub dead_letters: i64,
        /// Per stream that it consumes.
        pub consumers: Vec<ConsumerStatus>,
    }

    /// How far a consumer has come.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
    pub struct ConsumerStatus {
        /// The stream.
        pub stream: String,
        /// Messages not yet taken.
        pub pending: u64,
        /// Messages taken and not yet committed.
        pub in_hand: u64,
    }

    /// The answer to [`RESYNC`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
    pub struct Resynced {
        /// Aggregates to be published again.
        pub aggregates: u64,
    }

    /// What every service can be asked, as schemas.
    #[must_use]
    pub fn described(schemas: &mut SchemaGenerator) -> Vec<Described> {
        let mut all = Vec::new();
        let mut add = |verb, request, answer| all.push(Described { verb, request, answer });
        let nothing = schemas.subschema_for::<()>();
        let one = schemas.subschema_for::<DeadLetterId>();
        let letter = schemas.subschema_for::<DeadLetter>();
        add(LIST_DEAD_LETTERS, nothing.clone(), schemas.subschema_for::<Vec<DeadLetter>>());
        add(SHOW_DEAD_LETTER, one.clone(), letter);
        add(REPLAY_DEAD_LETTER, one.clone(), nothing.clone());
        add(DISCARD_DEAD_LETTER, one, nothing.clone());
        let accesses = schemas.subschema_for::<ListAccesses>();
        add(LIST_ACCESSES, accesses, schemas.subschema_for::<Vec<Access>>());
        let resync = schemas.subschema_for::<Resync>();
        add(RESYNC, resync, schemas.subschema_for::<Resynced>());
        add(PUBLISHED_UP_TO, nothing.clone(), schemas.subschema_for::<PublishedUpTo>());
        add(STATUS, nothing, schemas.subschema_for::<Status>());
        all
    }
}
