//! Who may be connected to a listener: so many, and so many of one address.
//!
//! When no place is left, the connection that has waited longest without being of use gives up its
//! own. So neither a crowd that says nothing nor a peer's lost connections keep others out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// The places of one listener.
#[derive(Clone, Debug)]
pub struct Places {
    taken: Arc<Mutex<Taken>>,
    most: usize,
    most_per_peer: usize,
}

#[derive(Debug, Default)]
struct Taken {
    /// By the order in which they came.
    all: BTreeMap<u64, Guest>,
    last: u64,
}

#[derive(Debug)]
struct Guest {
    peer: IpAddr,
    is_held: bool,
    given_up: CancellationToken,
}

/// The place of a connection, until this is dropped or given up.
#[derive(Debug)]
pub struct Place {
    places: Places,
    id: u64,
    given_up: CancellationToken,
}

impl Places {
    /// `most` places, of which one address may have `most_per_peer`.
    #[must_use]
    pub fn new(most: usize, most_per_peer: usize) -> Self {
        Self { taken: Arc::default(), most, most_per_peer }
    }

    /// A place, if there is one or one can be made.
    #[must_use]
    pub fn take(&self, peer: IpAddr) -> Option<Place> {
        let mut taken = self.lock();
        let own = taken.all.values().filter(|guest| guest.peer == peer).count();
        let is_own_full = own >= self.most_per_peer;
        if is_own_full || taken.all.len() >= self.most {
            let can_go = |guest: &Guest| !guest.is_held && (!is_own_full || guest.peer == peer);
            let oldest = taken.all.iter().find(|(_, guest)| can_go(guest)).map(|(id, _)| *id)?;
            taken.all.remove(&oldest)?.given_up.cancel();
        }
        taken.last = taken.last.saturating_add(1);
        let id = taken.last;
        let given_up = CancellationToken::new();
        let guest = Guest { peer, is_held: false, given_up: given_up.clone() };
        taken.all.insert(id, guest);
        Some(Place { places: self.clone(), id, given_up })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// From now on it is not given up for others.
    pub fn hold(&self) {
        self.set_held(true);
    }

    /// Others may have it again.
    pub fn release(&self) {
        self.set_held(false);
    }

    fn set_held(&self, is_held: bool) {
        if let Some(guest) = self.places.lock().all.get_mut(&self.id) {
            guest.is_held = is_held;
        }
    }

    /// Whether it is not to be given up.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.places.lock().all.get(&self.id).is_some_and(|guest| guest.is_held)
    }

    /// Waits until somebody else needs it.
    pub async fn given_up(&self) {
        self.given_up.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().all.remove(&self.id);
    }
}
