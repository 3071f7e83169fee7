//! Who holds a port: looked up in `/proc` where there is one, since a number alone does not tell a
//! person what to stop.

use std::fs;
use std::path::Path;

/// A listening socket's state in `/proc/net/tcp`.
const LISTENING: &str = "0A";

/// The program that listens on a port, with its process id; none when we may not see it.
pub(super) fn of(port: u16) -> Option<String> {
    let socket = socket_on(port)?;
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let pid = pids.find(|pid| holds(Path::new(&format!("/proc/{pid}/fd")), &socket))?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Some(format!("{} (pid {pid})", name.trim()))
}

/// The socket as a process's open files show it.
fn socket_on(port: u16) -> Option<String> {
    let suffix = format!(":{port:04X}");
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"]
        .map(|path| fs::read_to_string(path).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines()).find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let listens = fields.get(1)?.ends_with(&suffix) && *fields.get(3)? == LISTENING;
        listens.then(|| fields.get(9).map(|inode| format!("socket:[{inode}]")))?
    })
}

fn holds(files: &Path, socket: &str) -> bool {
    let files = fs::read_dir(files).into_iter().flatten().flatten();
    files.filter_map(|file| fs::read_link(file.path()).ok()).any(|file| file == Path::new(socket))
}
