//! What the macros wrote against what is committed.

use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder by name.
type Files = BTreeMap<String, Vec<u8>>;

/// How a folder has to change.
#[derive(Debug)]
pub(crate) struct Difference {
    folder: PathBuf,
    queries: usize,
    /// New or changed files.
    write: Files,
    /// Files of queries that are gone.
    remove: Vec<String>,
}

/// Compares what was written with what is committed.
pub(crate) fn compare(written: &Path, committed: &Path) -> Result<Difference> {
    let mut write = read(written)?;
    let queries = write.len();
    let kept = read(committed)?;
    let remove = kept.keys().filter(|name| !write.contains_key(*name)).cloned().collect();
    write.retain(|name, text| kept.get(name) != Some(text));
    Ok(Difference { folder: committed.to_owned(), queries, write, remove })
}

fn read(folder: &Path) -> Result<Files> {
    let failed = || format!("reading {}", folder.display());
    let mut files = Files::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, fs::read(&path).with_context(failed)?);
    }
    Ok(files)
}

impl Difference {
    pub(crate) fn is_empty(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty()
    }

    /// Makes the committed folder what it should be; one without any query does not exist.
    pub(crate) fn apply(&self) -> Result<()> {
        let failed = || format!("writing {}", self.folder.display());
        fs::create_dir_all(&self.folder).with_context(failed)?;
        for (name, text) in &self.write {
            fs::write(self.folder.join(name), text).with_context(failed)?;
        }
        for name in &self.remove {
            fs::remove_file(self.folder.join(name)).with_context(failed)?;
        }
        if self.queries == 0 {
            fs::remove_dir(&self.folder).with_context(failed)?;
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} queries", self.queries)?;
        match (self.write.len(), self.remove.len()) {
            (0, 0) => write!(f, ", unchanged"),
            (write, remove) => write!(f, ", {write} new or changed, {remove} gone"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_becomes_what_was_written_and_is_the_same_then() {
        let top = tempfile::tempdir().unwrap();
        let (written, committed) = (top.path().join("written"), top.path().join("committed"));
        for (folder, name, text) in [
            (&written, "same", "1"),
            (&written, "changed", "2"),
            (&written, "new", "3"),
            (&committed, "same", "1"),
            (&committed, "changed", "old"),
            (&committed, "gone", "4"),
        ] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
        let difference = compare(&written, &committed).unwrap();
        assert_eq!(difference.to_string(), "3 queries, 2 new or changed, 1 gone");
        difference.apply().unwrap();
        assert!(compare(&written, &committed).unwrap().is_empty());
        assert_eq!(read(&written).unwrap(), read(&committed).unwrap());
    }

    #[test]
    fn the_folder_of_a_crate_without_queries_is_removed() {
        let top = tempfile::tempdir().unwrap();
        let committed = top.path().join("committed");
        fs::create_dir(&committed).unwrap();
        fs::write(committed.join("gone"), "").unwrap();
        compare(&top.path().join("nothing"), &committed).unwrap().apply().unwrap();
        assert!(!committed.exists());
    }
}
