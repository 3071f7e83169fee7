//! Finds or fetches the broker and the database and starts them, saying so meanwhile.

use embedded::nats::{self, Nats};
use embedded::postgres::{self, Postgres};
use embedded::{Cache, Parts, Port, Progress, Search};

use super::console::Console;
use super::folder::Folder;

/// Starts both at a time. Blocks.
pub(crate) fn start(
    folder: &Folder,
    cache: &Cache,
    nats_port: u16,
    console: &Console,
) -> anyhow::Result<(Postgres, Nats)> {
    let mut say = |progress| tell(console, &progress);
    let parts = Parts::locate(&Search::machine(), cache, &mut say)?;
    let broker = nats::Settings::kept(folder.at("nats")).on(Port::Fixed(nats_port));
    let (postgres, nats) = std::thread::scope(|scope| {
        let nats = scope.spawn(|| nats::start(&parts.nats_server, &broker));
        let postgres = start_postgres(folder, &parts.postgres, &mut say);
        (postgres, nats.join())
    });
    let nats = nats.map_err(|_| anyhow::anyhow!("starting nats-server panicked"))?;
    Ok((postgres?, nats?))
}

fn start_postgres(
    folder: &Folder,
    found: &embedded::Found,
    say: &mut dyn FnMut(Progress),
) -> anyhow::Result<Postgres> {
    let settings = postgres::Settings::kept(folder.at("postgres"));
    let mut postgres = postgres::start(found, &settings, say)?;
    if folder.owns(postgres.folder())? {
        return Ok(postgres);
    }
    // Somebody has deleted the run's folder by hand, and these data lay elsewhere.
    postgres.stop()?;
    let left = postgres.folder().to_owned();
    drop(postgres);
    std::fs::remove_dir_all(&left)?;
    let postgres = postgres::start(found, &settings, say)?;
    folder.owns(postgres.folder())?;
    Ok(postgres)
}

fn tell(console: &Console, progress: &Progress) {
    let sv = match progress {
        Progress::Found { part, path, version } => {
            return console.quote(&format!("  {part} {version}: {}", path.display()));
        }
        Progress::PassedOver { part, path, .. } => {
            format!("  {part} i {} används inte", path.display())
        }
        Progress::Fetching { part, .. } => format!("  {part} hämtas …"),
        // Why is told when no other way works either.
        Progress::FetchFailed { with, .. } => {
            return console
                .say(&format!("  {with} kunde inte hämta det"), &format!("{with} could not"));
        }
        Progress::LiesElsewhere { instead, .. } => format!(
            "  databasens användare kommer inte åt projektets mapp; filerna läggs i {}",
            instead.display()
        ),
        _ => String::new(),
    };
    console.say(&sv, &progress.to_string());
}
