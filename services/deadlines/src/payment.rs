//! The payment policies of an installation: those that are part of the program, and those of a folder.
//!
//! As for rulebooks, what days were counted by never changes: every text is kept under its file's name.
//! A file that comes when others are in use is followed from the next day on.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::ensure;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

use crate::domain::calendar::local_date;
use crate::domain::payment::{EMBEDDED, Policies};
use crate::domain::rulebook::RulebookFault;
use crate::rulebooks::in_folder;
use crate::store::{self, Kept};

/// Which payment policies there are. The one of `rulebook.region` holds, else the national one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentSettings {
    /// A folder of policy files (`*.toml`) besides those that are part of the program.
    pub folder: Option<PathBuf>,
}

/// Reads and checks the files.
pub(crate) fn load(settings: &PaymentSettings) -> anyhow::Result<Policies> {
    let files = files(settings)?;
    checked(Policies::load(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))))
}

/// Keeps the text of every file, refuses one that has changed under its name, and reads all that were
/// ever in use.
pub(crate) async fn keep(
    pool: &PgPool,
    settings: &PaymentSettings,
    now: DateTime<Utc>,
) -> anyhow::Result<Arc<Policies>> {
    let mut tx = pool.begin().await?;
    let mut kept = store::lock_policies(&mut tx).await?;
    let known = kept.len();
    let effective_from = if known == 0 { None } else { local_date(now).succ_opt() };
    for (name, text) in files(settings)? {
        match kept.iter().find(|file| file.name == name) {
            Some(file) => ensure!(
                file.text == text,
                "{name} has changed since days were counted by it: give the new text a version of \
                 its own, in a file of its own"
            ),
            None => kept.push(Kept { name, text, effective_from }),
        }
    }
    let texts = kept.iter().map(|k| (k.name.as_str(), k.text.as_str(), k.effective_from));
    let policies = checked(Policies::load_kept(texts))?;
    for file in kept.iter().skip(known) {
        store::insert_policy(&mut tx, file).await?;
    }
    tx.commit().await?;
    Ok(Arc::new(policies))
}

fn checked(read: Result<Policies, Vec<RulebookFault>>) -> anyhow::Result<Policies> {
    read.map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the payment policies have faults:\n{}", faults.join("\n"))
    })
}

fn files(settings: &PaymentSettings) -> anyhow::Result<Vec<(String, String)>> {
    let embedded = EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let mut files: Vec<(String, String)> = embedded.collect();
    if let Some(folder) = &settings.folder {
        files.extend(in_folder(folder)?);
    }
    Ok(files)
}
