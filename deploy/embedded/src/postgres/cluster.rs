//! The data folder of a Postgres server, and the settings that it is started with.

use crate::folder;
use crate::server::Server;
use crate::{Cache, Error, Found, Program, Progress, User, fetch};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::USER;

/// Nothing that is kept in a row or given as a parameter may reach the log. Postgres prints both
/// in its complaints about single statements, so those are not logged at all (the client gets
/// them anyway); what is logged comes without details and without the statement.
const SILENT: [&str; 10] = [
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_statement=none",
    "log_min_duration_statement=-1",
    "log_min_duration_sample=-1",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_lock_waits=off",
    "logging_collector=off",
];
const FAST: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// The arguments for the settings of a server.
pub(super) fn settings(port: u16, fast: bool) -> Vec<String> {
    let port = format!("port={port}");
    let common = [
        &*port,
        "listen_addresses=127.0.0.1",
        // One way in is enough, and a socket's path may be only a hundred characters long.
        "unix_socket_directories=",
        "max_connections=200",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_line_prefix=%m [%p] ",
    ];
    let fast = FAST.iter().filter(|_| fast).copied();
    common
        .into_iter()
        .chain(SILENT)
        .chain(fast)
        .flat_map(|setting| ["-c".to_owned(), setting.to_owned()])
        .collect()
}

/// One of Postgres' programs with the environment that it needs.
pub(super) fn program(path: &Path, postgres: &Found) -> Program {
    let program = Program::new(path).env("LC_MESSAGES", "C");
    match &postgres.libraries {
        Some(folder) => program.env("LD_LIBRARY_PATH", folder),
        None => program,
    }
}

/// The Postgres that a user can execute: as found, or a copy of what we fetched.
pub(super) fn executable_by(
    postgres: &Found,
    user: Option<User>,
    say: &mut dyn FnMut(Progress),
) -> Result<Found, Error> {
    let Some(user) = user.filter(|user| !user.reaches(&postgres.path)) else {
        return Ok(postgres.clone());
    };
    let package = postgres.package.as_ref();
    let within = package.and_then(|package| postgres.path.strip_prefix(package).ok());
    let (Some(package), Some(within)) = (package, within) else {
        return Err(Error::OutOfReach { path: postgres.path.clone(), uid: user.uid });
    };
    let copies = Cache::new(folder::within_reach(package, Some(user), say)?);
    let copy = copies.get_or_fill("copy", |part| {
        fetch::run(Command::new("cp").arg("-R").arg(package.join(".")).arg(part))?;
        fetch::run(Command::new("chmod").args(["-R", "a+rX"]).arg(part))
    })?;
    let moved = |path: &PathBuf| path.strip_prefix(package).map(|rest| copy.join(rest)).ok();
    let libraries = postgres.libraries.as_ref().and_then(moved);
    Ok(Found { path: copy.join(within), libraries, ..postgres.clone() })
}

/// Where the rows are.
pub(super) fn data(server: &Server) -> PathBuf {
    server.folder.path.join("data")
}

/// Where the superuser's password is.
pub(super) fn password_file(server: &Server) -> PathBuf {
    server.folder.path.join("password")
}

/// Makes the data folder unless it is there; then it must be of the same major version.
pub(super) fn prepare(server: &Server, postgres: &Found, user: Option<User>) -> Result<(), Error> {
    let data = data(server);
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(made_by) if made_by.trim() == postgres.version.major.to_string() => Ok(()),
        Ok(made_by) => Err(Error::OtherMajor {
            data,
            made_by: made_by.trim().to_owned(),
            found: postgres.version.major,
            program: postgres.path.clone(),
        }),
        Err(_) => {
            // Character classes of UTF-8 where this machine knows them, and one order everywhere.
            let made = initdb(server, postgres, user, "C.UTF-8");
            let part = made.or_else(|_| initdb(server, postgres, user, "C"))?;
            fs::rename(part, &data).map_err(Error::file("name", &data))
        }
    }
}

/// Makes a data folder under another name, so that none is ever found half made.
fn initdb(
    server: &Server,
    postgres: &Found,
    user: Option<User>,
    characters: &str,
) -> Result<PathBuf, Error> {
    let part = data(server).with_extension("part");
    // What lies here is left of a start that was interrupted.
    let _ = fs::remove_dir_all(&part);
    let initdb = program(&postgres.path.with_file_name("initdb"), postgres)
        .env("PATH", "/usr/bin:/bin")
        .arg("-D")
        .arg(&part)
        .args(["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"])
        .args(["--lc-ctype", characters, "--no-sync", "--no-instructions", "--pwfile"])
        .arg(password_file(server))
        .in_folder(&server.folder.path)
        .as_user(user);
    server.prepare(initdb).map(|()| part)
}

/// Removes what a killed server left about itself. Postgres does so too, but not when its process
/// id now belongs to another process, as happens when a container is started again. The lock on
/// the log says that no server of ours is alive; a foreign one on the same data is left alone.
pub(super) fn forget_dead_server(data: &Path) -> Result<(), Error> {
    let file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else {
        return Ok(());
    };
    let pid = text.lines().next().unwrap_or_default().trim();
    let alive = Command::new("ps").args(["-o", "comm=", "-p", pid]).output();
    if alive.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres")) {
        return Ok(());
    }
    fs::remove_file(&file).map_err(Error::file("remove", &file))
}
