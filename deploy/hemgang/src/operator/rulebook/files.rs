//! Files that the operator names.

use std::path::{Path, PathBuf};

use deadlines::domain::rulebook::{EMBEDDED, RulebookFault, Rulebooks};
use serde::de::DeserializeOwned;

use crate::operator::failure::Failure;

/// A file's name without its folder: the one that faults name.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The files and those that are part of the program; a file of the same name stands in its place.
pub(super) fn read(files: &[PathBuf]) -> Result<Result<Rulebooks, Vec<RulebookFault>>, Failure> {
    let mut texts = Vec::new();
    for path in files {
        texts.push((name(path), text(path)?));
    }
    let own =
        EMBEDDED.iter().filter(|(of_program, _)| !texts.iter().any(|(name, _)| name == of_program));
    let given = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Ok(Rulebooks::load(own.copied().chain(given)))
}

/// The same, refused when there are faults.
pub(super) fn checked(files: &[PathBuf]) -> Result<Rulebooks, Failure> {
    read(files)?.map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let faults = faults.join("\n");
        Failure::new(
            "faulty_rulebook",
            format!("Regelböckerna har fel:\n{faults}"),
            format!("The rulebooks have faults:\n{faults}"),
        )
    })
}

/// A file of JSON. Its faults are told by place, without what stands there.
pub(super) fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = text(path)?;
    serde_json::from_str(&text).map_err(|error| {
        let (file, line, column) = (path.display(), error.line(), error.column());
        Failure::usage(
            format!("{file}:{line}:{column}: filen går inte att förstå."),
            format!("{file}:{line}:{column}: the file cannot be understood."),
        )
    })
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        let file = path.display();
        Failure::usage(
            format!("{file} kan inte läsas: {error}."),
            format!("{file} cannot be read: {error}."),
        )
    })
}
