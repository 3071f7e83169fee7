//! What services can be asked to find out what a restored `admissions` has forgotten.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Described;
use crate::{Case, CaseId, CaseRef, EntryId, HsaId, Version};

/// The verb of [`ListKnownCases`], which `coordination`, `deadlines` and `sip` answer.
pub const LIST_KNOWN_CASES: &str = "list_known_cases";

/// Most cases in one answer to [`LIST_KNOWN_CASES`], and in one [`CompareCases`].
pub const MOST_KNOWN: u16 = 1_000;

/// As many entries, those of the last case apart, fit into a message beside their cases.
pub const MOST_KNOWN_ENTRIES: usize = 8_000;

/// Asks which cases a service has heard of, in the order of their ids. An answer with none of them is
/// the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListKnownCases {
    /// Only those after this one.
    pub after: Option<CaseId>,
}

/// A case as a service has heard of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownCase {
    /// The case.
    pub case: CaseId,
    /// The newest version that came.
    pub version: Version,
    /// What that says, where the service keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<KnownContent>,
}

/// What a service was told of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownContent {
    /// Its short name.
    pub case_ref: CaseRef,
    /// The hospital.
    pub hospital: HsaId,
    /// The ward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<HsaId>,
    /// When `admissions` recorded the admission.
    pub opened_at: DateTime<Utc>,
    /// When it recorded the last entry.
    pub changed_at: DateTime<Utc>,
    /// All entries.
    pub entries: BTreeSet<EntryId>,
}

impl KnownCase {
    /// A case of which the whole snapshot is kept.
    #[must_use]
    pub fn of(case: &Case, version: Version) -> Self {
        let content = KnownContent {
            case_ref: case.case_ref,
            hospital: case.hospital.clone(),
            ward: case.ward.clone(),
            opened_at: case.admitted.recorded_at,
            changed_at: case
                .stamps()
                .map(|stamp| stamp.recorded_at)
                .fold(case.admitted.recorded_at, DateTime::max),
            entries: case.stamps().map(|stamp| stamp.id).collect(),
        };
        Self { case: case.case_id, version, content: Some(content) }
    }

    /// How many entries are known.
    #[must_use]
    pub fn size(&self) -> usize {
        self.content.as_ref().map_or(0, |content| content.entries.len())
    }
}

/// As many of them as fit into a message, but one at least.
#[must_use]
pub fn fitting(cases: impl IntoIterator<Item = KnownCase>) -> Vec<KnownCase> {
    let mut entries = 0;
    let fit = cases.into_iter().take(MOST_KNOWN.into()).take_while(|case| {
        let fits = entries < MOST_KNOWN_ENTRIES;
        entries += case.size();
        fits
    });
    fit.collect()
}

/// Asks `admissions` which of these cases it lacks, or does not know whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareCases {
    /// The cases; at most [`MOST_KNOWN`].
    pub cases: Vec<HeldCase>,
}

/// What is known of a case elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldCase {
    /// The case.
    pub case: CaseId,
    /// The newest version that somebody knows.
    pub version: Version,
    /// All entries that somebody knows: a restored `admissions` that has written since counts the
    /// same versions again, with another content.
    #[serde(default)]
    pub entries: BTreeSet<EntryId>,
}

/// A case that `admissions` lacks, or does not know whole.
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
