//! Ports on loopback.

use crate::{Error, secret};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

/// How often a start is tried again when another process was quicker to take a free port.
const TRIES: usize = 6;

/// The port that a server is to listen on, always of 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// This one, or the start fails.
    Fixed(u16),
    /// Any free one; the same again when the same folder is started again.
    Free,
}

/// Starts something on wanted ports. Free ones are remembered in a file beside the data; when one
/// of them was taken in the meantime, others are tried.
pub(crate) fn start_on<const N: usize, T>(
    wanted: [Port; N],
    remembered_in: &Path,
    mut start: impl FnMut([u16; N]) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut remembered = read(remembered_in);
    for last in (0..TRIES).map(|attempt| attempt + 1 == TRIES) {
        let mut ports = [0; N];
        let all = ports.iter_mut().zip(wanted).enumerate();
        for (position, (port, wanted)) in all {
            *port = match (wanted, remembered.get(position)) {
                (Port::Fixed(port), _) => port,
                (Port::Free, Some(port)) => *port,
                (Port::Free, None) => free()?,
            };
        }
        let attempt = ports.into_iter().try_for_each(check).and_then(|()| start(ports));
        match attempt {
            Err(Error::PortTaken(port)) if !last && !wanted.contains(&Port::Fixed(port)) => {
                remembered.clear();
            }
            Err(error) => return Err(error),
            Ok(started) => {
                let text: Vec<String> = ports.iter().map(u16::to_string).collect();
                secret::write_private(remembered_in, &text.join(" "))?;
                return Ok(started);
            }
        }
    }
    Err(Error::PortTaken(0))
}

fn read(file: &Path) -> Vec<u16> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn free() -> Result<u16, Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(Error::file("find a free port of", Path::new("127.0.0.1")))
}

fn check(port: u16) -> Result<(), Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|_| Error::PortTaken(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_is_kept_for_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("port");
        let first = start_on([Port::Free], &file, Ok).unwrap();
        assert_eq!(start_on([Port::Free], &file, Ok).unwrap(), first);
    }

    #[test]
    fn a_kept_port_that_was_taken_meanwhile_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("port");
        let [first] = start_on([Port::Free], &file, Ok).unwrap();
        let _thief = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        let [second] = start_on([Port::Free], &file, Ok).unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn a_fixed_port_that_is_taken_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let thief = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = thief.local_addr().unwrap().port();
        let failed = start_on([Port::Fixed(port)], &folder.path().join("port"), Ok);
        assert!(matches!(failed, Err(Error::PortTaken(taken)) if taken == port));
    }
}
