//! Who may be connected: so many, and so many of one address.
//!
//! When no place is left, the connection that has waited longest without ever sending a message gives
//! up its own. So neither a crowd that says nothing nor a peer's lost connections keep a sender out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Limits;

/// The places of one listener.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    /// By the order in which they came.
    all: BTreeMap<u64, Guest>,
    last: u64,
}

struct Guest {
    peer: IpAddr,
    has_spoken: bool,
    given_up: CancellationToken,
}

/// The place of a connection, until this is dropped or given up.
pub(super) struct Place {
    places: Places,
    id: u64,
    given_up: CancellationToken,
}

impl Places {
    /// A place, if there is one or one can be made.
    pub(super) fn take(&self, peer: IpAddr, limits: Limits) -> Option<Place> {
        let mut taken = self.lock();
        let own = taken.all.values().filter(|guest| guest.peer == peer).count();
        let is_own_full = own >= limits.max_per_peer;
        if is_own_full || taken.all.len() >= limits.max_connections {
            let can_go = |guest: &Guest| !guest.has_spoken && (!is_own_full || guest.peer == peer);
            let oldest = taken.all.iter().find(|(_, guest)| can_go(guest)).map(|(id, _)| *id)?;
            taken.all.remove(&oldest)?.given_up.cancel();
        }
        taken.last = taken.last.saturating_add(1);
        let id = taken.last;
        let given_up = CancellationToken::new();
        let guest = Guest { peer, has_spoken: false, given_up: given_up.clone() };
        taken.all.insert(id, guest);
        Some(Place { places: self.clone(), id, given_up })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// A message has come: it is not given up any more.
    pub(super) fn spoke(&self) {
        if let Some(guest) = self.places.lock().all.get_mut(&self.id) {
            guest.has_spoken = true;
        }
    }

    /// Waits until somebody else needs it.
    pub(super) async fn given_up(&self) {
        self.given_up.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().all.remove(&self.id);
    }
}
