//! The demo: hospitals of an invented region admit patients, and staff mostly do what they owe.
//!
//! The play is a pure function of a stay's number and of when the demo began, so it needs no memory
//! but how far it has come. What was done twice because that was forgotten is known again: messages
//! and commands carry the same ids.

mod act;
mod back;
mod cast;
mod dice;
mod document;
mod hl7;
mod hospitals;
mod hours;
mod person;
mod places;
mod plan;
mod progress;
mod region;
mod staff;
mod standing;
mod stay;
mod table;
mod talk;
mod way;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use async_nats::Client;
use chassis::Clock;
use messaging::Caller;
use tokio::sync::mpsc::UnboundedSender;

use act::Step;
use cast::Cast;
use progress::Progress;
use region::Region;
use stay::Stay;

use crate::up::News;

/// How often the play goes on (real time).
const TURN: Duration = Duration::from_millis(100);

/// Where the demo is played.
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) mllp: SocketAddr,
    pub(crate) clock: Clock,
    /// Remembers how far the play has come.
    pub(crate) memory: PathBuf,
    pub(crate) news: UnboundedSender<News>,
}

/// Imports the region's units, unless they are there.
pub(crate) async fn import(client: &Client) -> anyhow::Result<()> {
    Region::read()?.import(&Caller::new(client.clone())).await
}

/// Plays until it is dropped.
pub(crate) async fn play(stage: Stage) -> anyhow::Result<()> {
    let mut progress = Progress::open(&stage.memory, stage.clock.now())?;
    let mut cast = Cast::new(&stage, Region::read()?.names());
    loop {
        let due = progress.take_until(stage.clock.now());
        let left = cast.perform(due).await;
        progress.done(left)?;
        tokio::time::sleep(TURN).await;
    }
}

/// The id of a hospital's message: the same message has the same id after a restart.
fn message_id(stay: &Stay, step: &Step) -> String {
    format!("{}-{}", stay.visit(), step.order)
}
