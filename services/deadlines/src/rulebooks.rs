//! The rulebooks of an installation: those that are part of the program, and those of a folder.
//!
//! What duties have followed never changes: `provision` keeps the text of every file, and a file
//! that says something else under the same name is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use crate::domain::rulebook::{EMBEDDED, Rulebooks};
use crate::store;

/// Which rulebooks, and which of them holds here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulebookSettings {
    /// The region whose rulebook holds in this installation.
    pub region: String,
    /// A folder of rulebook files (`*.toml`) besides those that are part of the program.
    pub folder: Option<PathBuf>,
}

impl Default for RulebookSettings {
    fn default() -> Self {
        Self { region: "se".to_owned(), folder: None }
    }
}

/// The rulebooks in use and the region that they are used for. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Agreement {
    /// All rulebooks.
    pub(crate) rulebooks: Arc<Rulebooks>,
    /// The region.
    pub(crate) region: Arc<str>,
}

impl Agreement {
    /// Reads and checks the files.
    pub(crate) fn load(settings: &RulebookSettings) -> anyhow::Result<Self> {
        Self::of(&files(settings)?, &settings.region)
    }

    /// Keeps the text of every file, refuses one that has changed under its name, and reads all
    /// that duties have ever followed: a file that is taken away goes on for open cases.
    pub(crate) async fn keep(pool: &PgPool, settings: &RulebookSettings) -> anyhow::Result<Self> {
        for (name, text) in files(settings)? {
            let digest = Sha256::digest(&text).to_vec();
            let kept = store::keep_rulebook(pool, &name, &digest, &text).await?;
            ensure!(
                kept == digest,
                "{name} has changed since duties followed it: give the new text a version of its own"
            );
        }
        Self::of(&store::list_rulebooks(pool).await?, &settings.region)
    }

    fn of(files: &[(String, String)], region: &str) -> anyhow::Result<Self> {
        let texts = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let rulebooks = Rulebooks::load(texts).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the rulebooks have faults:\n{}", faults.join("\n"))
        })?;
        ensure!(
            rulebooks.of(region).next().is_some(),
            "setting rulebook.region: there is no rulebook of {region}"
        );
        Ok(Self { rulebooks: Arc::new(rulebooks), region: region.into() })
    }
}

fn files(settings: &RulebookSettings) -> anyhow::Result<Vec<(String, String)>> {
    let mut files: Vec<(String, String)> =
        EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    if let Some(folder) = &settings.folder {
        files.extend(in_folder(folder)?);
    }
    Ok(files)
}

fn in_folder(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let about = || format!("read the rulebooks in {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(about)? {
        let path = entry.with_context(about)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).with_context(about)?));
        }
    }
    files.sort();
    Ok(files)
}
