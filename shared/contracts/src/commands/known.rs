//! What services can be asked to find out what a restored `admissions` has forgotten.

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Described;
use crate::{CaseId, CaseRef, HsaId, Version};

/// The verb of [`ListKnownCases`], which `coordination`, `deadlines` and `sip` answer.
pub const LIST_KNOWN_CASES: &str = "list_known_cases";

/// Most cases in one answer to [`LIST_KNOWN_CASES`], and in one [`CompareCases`].
pub const MOST_KNOWN: u16 = 1_000;

/// Asks which cases a service has heard of, in the order of their ids. An answer with none of them is
/// the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListKnownCases {
    /// Only those after this one.
    pub after: Option<CaseId>,
}

/// A case as a service has heard of it. What it is told beside the version depends on what the
/// service keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownCase {
    /// The case.
    pub case: CaseId,
    /// The newest version that came.
    pub version: Version,
    /// Its short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_ref: Option<CaseRef>,
    /// The hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hospital: Option<HsaId>,
    /// The ward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<HsaId>,
    /// When `admissions` recorded the admission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<DateTime<Utc>>,
    /// When it recorded what it told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
}

/// Asks `admissions` which of these cases it lacks, or knows in an older version.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareCases {
    /// The cases, with the newest version that somebody knows; at most [`MOST_KNOWN`].
    pub cases: Vec<VersionedCase>,
}

/// A case and a version of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VersionedCase {
    /// The case.
    pub case: CaseId,
    /// The version.
    pub version: Version,
}

/// A case that `admissions` lacks, or knows in an older version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LackingCase {
    /// The case.
    pub case: CaseId,
    /// When what `admissions` knows of it was written; absent where it knows nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_at: Option<DateTime<Utc>>,
}

/// Asks `admissions` which hospital systems are registered.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSenders {}

/// A registered hospital system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegisteredSender {
    /// Its token.
    pub sender: String,
    /// The hospital that it speaks for.
    pub hospital: HsaId,
}

/// [`LIST_KNOWN_CASES`] beside what else a service answers.
pub(super) fn with_known(mut all: Vec<Described>, schemas: &mut SchemaGenerator) -> Vec<Described> {
    all.push(Described {
        verb: LIST_KNOWN_CASES,
        request: schemas.subschema_for::<ListKnownCases>(),
        answer: schemas.subschema_for::<Vec<KnownCase>>(),
    });
    all
}
