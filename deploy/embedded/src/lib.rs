//! Finds or fetches nats-server and Postgres and runs them privately.
//!
//! Hemgång is to start with one command on a machine that has neither a container runtime nor a
//! database set up, and its tests are to meet the real broker and the real database. So this crate
//! looks for both programs, fetches them into a folder of the project when they are missing, and
//! runs them on loopback, with own data, own passwords and own ports, in a way that nothing is
//! left running when the starting process dies, however it dies.
//!
//! Everything blocks: starting and stopping servers is no work for an async runtime, and callers
//! that have one use `spawn_blocking`.
//!
//! ```no_run
//! use embedded::{Cache, Parts, Search, nats, postgres};
//!
//! # fn main() -> Result<(), embedded::Error> {
//! let mut say = |progress: embedded::Progress| eprintln!("{progress}");
//! let parts = Parts::locate(&Search::machine(), &Cache::new(".hemgang/cache"), &mut say)?;
//! let database = postgres::start(&parts.postgres, &postgres::Settings::kept(".hemgang/postgres"), &mut say)?;
//! let broker = nats::start(&parts.nats_server, &nats::Settings::kept(".hemgang/nats"))?;
//! println!("{} {}", database.url("postgres"), broker.url());
//! # Ok(())
//! # }
//! ```

mod cache;
mod error;
mod fetch;
mod folder;
mod log;
pub mod nats;
mod parts;
mod port;
pub mod postgres;
mod program;
mod progress;
pub mod secret;
mod server;
pub mod sinks;
mod supervised;
mod user;
mod version;

pub use cache::Cache;
pub use error::Error;
pub use log::Log;
pub use parts::{Found, Parts, Search};
pub use port::Port;
pub use program::Program;
pub use progress::Progress;
pub use supervised::{Signal, Supervised};
pub use user::User;
pub use version::Version;
