//! The rulebooks of an installation: those that are part of the program, and those of a folder.
//!
//! What duties have followed never changes: `provision` keeps the text of every file, and a file
//! that says something else under the same name is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

use crate::domain::calendar::local_date;
use crate::domain::rulebook::{EMBEDDED, RulebookFault, Rulebooks};
use crate::store::{self, Kept};

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
        let files = files(settings)?;
        let texts = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Self::of(Rulebooks::load(texts), &settings.region)
    }

    /// Keeps the text of every file, refuses one that has changed under its name, and reads all
    /// that duties have ever followed: a file that is taken away goes on for open cases. All are
    /// checked together before any is kept, so that a faulty set leaves nothing behind.
    pub(crate) async fn keep(
        pool: &PgPool,
        settings: &RulebookSettings,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        let mut tx = pool.begin().await?;
        let mut kept = store::lock_rulebooks(&mut tx).await?;
        let known = kept.len();
        for (name, text) in files(settings)? {
            match kept.iter().find(|file| file.name == name) {
                Some(file) => ensure!(
                    file.text == text,
                    "{name} has changed since duties followed it: give the new text a version of \
                     its own, in a file of its own"
                ),
                None => kept.push(Kept { name, text, effective_from: None }),
            }
        }
        if store::has_ledgers(&mut tx).await? {
            // Nothing that has arisen changes behind the back of whoever owes it.
            let tomorrow = local_date(now).succ_opt();
            for file in kept.iter_mut().skip(known) {
                file.effective_from = tomorrow;
            }
        }
        let agreement = Self::of_kept(&kept, &settings.region)?;
        store::insert_rulebooks(&mut tx, kept.get(known..).unwrap_or_default()).await?;
        tx.commit().await?;
        Ok(agreement)
    }

    fn of_kept(kept: &[Kept], region: &str) -> anyhow::Result<Self> {
        let texts = kept.iter().map(|k| (k.name.as_str(), k.text.as_str(), k.effective_from));
        Self::of(Rulebooks::load_kept(texts), region)
    }

    fn of(read: Result<Rulebooks, Vec<RulebookFault>>, region: &str) -> anyhow::Result<Self> {
        let rulebooks = read.map_err(|faults| {
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

/// The `*.toml` files of a folder, by name.
pub(crate) fn in_folder(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let about = || format!("read the files in {}", folder.display());
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
