//! An edited copy of the sources, and its build.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;

use crate::say;

/// What is copied: all that a build of the workspace looks at.
const SOURCES: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", ".cargo", "rust-toolchain.toml", "services", "shared", "deploy"];
/// Members that need not be built, and are left out of the copy.
const LEFT_OUT: &str = ", \"tests/bench\", \"tests/faults\"";

/// How edits ask whether their bug is awake.
const SWITCH: &str = r#"
/// Whether a planted bug is awake.
#[must_use]
pub fn planted(bug: &str) -> bool {
    static AWAKE: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| std::env::var("HEMGANG_PLANTED").unwrap_or_default());
    *AWAKE == bug
}
"#;

/// One place in one file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    file: PathBuf,
    /// Must stand there exactly once.
    find: String,
    replace: String,
}

/// Copies, edits and builds; the program that runs the services.
pub(super) fn build(edits: Vec<&Edit>) -> anyhow::Result<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = workspace.canonicalize().context("find the workspace")?;
    let planted = workspace.join("target/planted");
    let (copy, target) = (planted.join("source"), planted.join("target"));
    let edited = edit(&workspace, edits)?;
    for source in SOURCES {
        mirror(&workspace, Path::new(source), &copy, &edited)?;
    }
    seed(&target)?;
    say("building the edited copy");
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--package", "hemgang", "--bin", "hemgang", "--manifest-path"])
        .arg(copy.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env("SQLX_OFFLINE", "true")
        .status()
        .context("run cargo")?;
    anyhow::ensure!(built.success(), "the edited copy does not build");
    Ok(target.join("debug/hemgang"))
}

/// The texts of all files that are not as in the workspace.
pub(super) fn edit(
    workspace: &Path,
    edits: Vec<&Edit>,
) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut edited: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut change = |file: &Path, act: &dyn Fn(&str) -> anyhow::Result<String>| {
        let text = match edited.get(file) {
            Some(text) => text.clone(),
            None => fs::read_to_string(workspace.join(file))
                .with_context(|| format!("read {}", file.display()))?,
        };
        edited.insert(file.to_owned(), act(&text)?);
        anyhow::Ok(())
    };
    change(Path::new("shared/chassis/src/lib.rs"), &|text| Ok(text.to_owned() + SWITCH))?;
    change(Path::new("Cargo.toml"), &|text| Ok(text.replace(LEFT_OUT, "")))?;
    for Edit { file, find, replace } in edits {
        change(file, &|text| {
            let times = text.matches(find.as_str()).count();
            anyhow::ensure!(
                times == 1,
                "a planted bug does not fit any more: {} has {times} times\n{find}",
                file.display()
            );
            Ok(text.replacen(find.as_str(), replace, 1))
        })?;
    }
    Ok(edited)
}

/// Brings a copy up to date; files that are as they should be are left alone, so that they are not built
/// again.
fn mirror(
    from: &Path,
    within: &Path,
    to: &Path,
    edited: &BTreeMap<PathBuf, String>,
) -> anyhow::Result<()> {
    let (source, target) = (from.join(within), to.join(within));
    if source.is_dir() {
        fs::create_dir_all(&target)?;
        let kept: Vec<_> = fs::read_dir(&source)?
            .map(|entry| Ok(entry?.file_name()))
            .collect::<std::io::Result<_>>()?;
        for entry in fs::read_dir(&target)? {
            let name = entry?.file_name();
            if !kept.contains(&name) {
                let gone = target.join(name);
                if gone.is_dir() { fs::remove_dir_all(gone)? } else { fs::remove_file(gone)? }
            }
        }
        for name in kept {
            mirror(from, &within.join(name), to, edited)?;
        }
        return Ok(());
    }
    let wanted = match edited.get(within) {
        Some(text) => text.clone().into_bytes(),
        None => fs::read(&source).with_context(|| format!("read {}", source.display()))?,
    };
    if fs::read(&target).ok().as_ref() != Some(&wanted) {
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&target, wanted).with_context(|| format!("write {}", target.display()))?;
    }
    Ok(())
}

/// Takes over what this build has made of the dependencies: links, which cost nothing.
fn seed(target: &Path) -> anyhow::Result<()> {
    let debug = target.join("debug");
    if debug.exists() {
        return Ok(());
    }
    let ours = std::env::current_exe()?;
    let ours = ours.parent().context("the folder of this program")?;
    fs::create_dir_all(&debug)?;
    for part in ["deps", ".fingerprint", "build"] {
        let copied = Command::new("cp").arg("-al").arg(ours.join(part)).arg(&debug).status();
        // Without it the build takes longer.
        if !copied.is_ok_and(|status| status.success()) {
            let _ = fs::remove_dir_all(debug.join(part));
        }
    }
    Ok(())
}
