//! A small disk that can be filled: a tmpfs, which only root can mount.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// The broker reserves a gigabyte for the intake, and offers three quarters of a disk.
const SIZE: &str = "size=1700m,mode=0711";
/// Memory that must be there, in kilobytes: a tmpfs lies in it.
const MEMORY: u64 = 4_000_000;
const PIECE: usize = 64 * 1024;

/// It is unmounted when it is dropped; whoever keeps files there must have stopped.
pub(crate) struct Disk(PathBuf);

impl Disk {
    pub(crate) fn mount(at: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(at)?;
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(at).output();
        let mounted = mounted.context("run mount")?;
        anyhow::ensure!(
            mounted.status.success(),
            "no small disk: {}",
            String::from_utf8_lossy(&mounted.stderr).trim()
        );
        Ok(Self(at.to_owned()))
    }

    /// Why this machine has none, if it has none.
    pub(crate) fn try_mount() -> anyhow::Result<()> {
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let available = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
        let available = available.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        anyhow::ensure!(available.is_some_and(|kb: u64| kb > MEMORY), "too little memory");
        let folder = tempfile::tempdir()?;
        Self::mount(&folder.path().join("disk")).map(drop)
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Fills it to the last byte.
    pub(crate) fn fill(&self) -> anyhow::Result<()> {
        let mut filler = fs::File::create(self.filler())?;
        let mut piece = vec![0; PIECE];
        while !piece.is_empty() {
            if filler.write_all(&piece).is_err() {
                piece.truncate(piece.len() / 2);
            }
        }
        Ok(())
    }

    /// Gives the space back.
    pub(crate) fn free(&self) -> anyhow::Result<()> {
        fs::remove_file(self.filler()).context("free the disk")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
