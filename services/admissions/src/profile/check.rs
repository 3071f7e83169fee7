//! What can be wrong with profiles beyond their syntax.

use std::collections::BTreeSet;
use std::fmt;

use contracts::identity::IdentityKind;

use super::{Marker, SenderProfile};
use crate::ids::is_token;

/// Why profiles cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is no TOML, or not of the form of profiles; the cause names the line.
    #[error("the senders' file cannot be read")]
    Syntax(#[source] toml::de::Error),
    /// The file can be read, and what it says cannot be.
    #[error("the senders' file is wrong: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Content(Vec<Problem>),
}

/// One thing that is wrong, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Token of the sender.
    pub sender: String,
    /// The key within its table, such as `wards.MED1`.
    pub key: String,
    /// What is wrong.
    pub reason: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sender `{}`: `{}` {}", self.sender, self.key, self.reason)
    }
}

pub(super) fn problems(senders: &[SenderProfile]) -> Vec<Problem> {
    let mut problems: Vec<_> = senders.iter().flat_map(of_one).collect();
    let mut tokens = BTreeSet::new();
    let mut names = BTreeSet::new();
    for sender in senders {
        if !tokens.insert(&sender.token) {
            problems.push(problem(sender, "token", "is another sender's too"));
        }
        let name = sender.mllp.as_ref().map(|mllp| (&mllp.application, &mllp.facility));
        if name.is_some_and(|name| !names.insert(name)) {
            problems.push(problem(sender, "mllp", "is another sender's name too"));
        }
    }
    problems
}

fn of_one(sender: &SenderProfile) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut refuse = |is_wrong: bool, key: &str, reason| {
        if is_wrong {
            problems.push(problem(sender, key, reason));
        }
    };
    let no_token = "must be 1 to 32 lower-case letters, digits and hyphens";
    refuse(!is_token(&sender.token), "token", no_token);
    let no_digest = sender.http.as_ref().is_some_and(|http| {
        http.token_sha256.len() != 64 || !http.token_sha256.bytes().all(|b| b.is_ascii_hexdigit())
    });
    refuse(no_digest, "http.token_sha256", "must be 64 hexadecimal digits");
    let no_name = sender.mllp.as_ref().is_some_and(|mllp| mllp.application.trim().is_empty());
    refuse(no_name, "mllp.application", EMPTY);
    refuse(sender.processing_ids.is_empty(), "processing_ids", EMPTY);
    refuse(sender.inpatient_classes.is_empty(), "inpatient_classes", EMPTY);
    refuse(sender.identities.is_empty(), "identities", EMPTY);
    for (n, rule) in sender.identities.iter().enumerate() {
        let key = format!("identities[{n}]");
        let unmatched = rule.authorities.is_empty() && rule.types.is_empty();
        refuse(unmatched, &key, "needs authorities or types to be known by");
        let is_anonymous = rule.kind == IdentityKind::Reserve && rule.authorities.is_empty();
        refuse(is_anonymous, &key, "needs the authority that assigns such reserve numbers");
    }
    let no_values = |marker: Option<&Marker>| marker.is_some_and(|m| m.values.is_empty());
    refuse(no_values(sender.protected.as_ref()), "protected.values", EMPTY);
    if let Some(types) = &sender.admission_type {
        let none = types.planned.is_empty() && types.unplanned.is_empty();
        refuse(none, "admission_type", "needs codes of what was planned, or of what was not");
        let both = types.planned.iter().any(|code| types.unplanned.contains(code));
        refuse(both, "admission_type", "has a code that means both planned and unplanned");
    }
    if let Some(need) = &sender.need {
        refuse(need.codes.is_empty(), "need.codes", EMPTY);
        let frequent = need.frequent_patient.as_ref();
        refuse(no_values(frequent), "need.frequent_patient.values", EMPTY);
    }
    problems
}

const EMPTY: &str = "must not be empty";

fn problem(sender: &SenderProfile, key: &str, reason: &'static str) -> Problem {
    Problem { sender: sender.token.clone(), key: key.to_owned(), reason }
}
