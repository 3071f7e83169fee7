//! `import`: units and their contact points, from a file that people edit.
//!
//! What a file does not name stays as it is; a file that is imported again changes nothing.

mod file;

use std::path::{Path, PathBuf};

use contracts::commands::{Command, ImportContactPoints, ImportUnits, Imported, UnitContacts};
use contracts::{CommandId, Unit};
use uuid::Uuid;

use super::failure::Failure;
use super::report::Report;
use super::sign::{Acting, Signature};
use super::system::Site;
pub(crate) use file::FileFault;
use file::{ContactsEntry, UnitEntry, read};

/// So many units go in one command: far below what the broker takes in a message.
const AT_ONCE: usize = 500;

/// Arguments of `import`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    acting: Acting,
}

#[derive(clap::Subcommand)]
enum What {
    /// The directory of units.
    #[command(long_about = UNITS_FORMAT)]
    Units {
        /// The file, .toml or .json.
        file: PathBuf,
    },
    /// How units are reached. For a unit that is named, the list replaces the old one.
    #[command(long_about = CONTACTS_FORMAT)]
    Contacts {
        /// The file, .toml or .json.
        file: PathBuf,
    },
}

const UNITS_FORMAT: &str = r#"Import the directory of units. A TOML file has one entry per unit:

  [[unit]]
  unit = "SE2321000016-VC01"          # HSA-id
  party = "open_care"                 # ward, open_care, municipal_health_care, social_services
  name = "Vårdcentralen Exempel"
  municipality = "2080"               # where it lies; may be absent
  serves = ["2080", "2081"]           # municipal units: whose inhabitants it serves
  active = true                       # the default

A JSON file has the same entries as {"unit": [...]}, or as the array that `list units` prints."#;

const CONTACTS_FORMAT: &str = r#"Import how units are reached. A TOML file has one entry per unit:

  [[unit]]
  unit = "SE2321000016-VC01"          # HSA-id
  hours = { opens = 08:00:00, closes = 16:30:00, closed = [2026-12-23] }   # or { always = true }

  [[unit.contact]]
  name = "brevlåda"                   # unique within unit and role
  role = "unit"                       # unit, on_call, manager, principal
  email = "vc01@example.se"           # this or sms, or both
  sms = "+46701740605"
  language = "sv"                     # sv (the default) or en
  digest = ["07:45", "13:00"]         # news come together then, in one mail; absent: at once

A JSON file has the same entries as {"unit": [...]} or as an array of them."#;

/// The units in the text of a file.
pub(crate) fn units(file: &Path, text: &str) -> Result<Vec<Unit>, FileFault> {
    Ok(file::entries::<UnitEntry>(file, text)?.into_iter().map(Unit::from).collect())
}

/// The contact points in the text of a file.
pub(crate) fn contacts(file: &Path, text: &str) -> Result<Vec<UnitContacts>, FileFault> {
    Ok(file::entries::<ContactsEntry>(file, text)?.into_iter().map(UnitContacts::from).collect())
}

/// Reads the file and sends it to the service that owns it.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let signature = arguments.acting.sign()?;
    match arguments.what {
        What::Units { file } => {
            let units = read::<UnitEntry>(&file).map_err(|fault| unreadable(&fault))?;
            send(&site, &signature, units, |units| ImportUnits { units }).await
        }
        What::Contacts { file } => {
            let units = read::<ContactsEntry>(&file).map_err(|fault| unreadable(&fault))?;
            send(&site, &signature, units, |units| ImportContactPoints { units }).await
        }
    }
}

fn unreadable(fault: &FileFault) -> Failure {
    Failure::new(
        "unreadable_file",
        format!("Filen kan inte importeras: {fault}."),
        format!("The file cannot be imported: {fault}."),
    )
}

async fn send<E, T: Clone + From<E>, C: Command<Answer = Imported>>(
    site: &Site,
    signature: &Signature,
    entries: Vec<E>,
    command: impl Fn(Vec<T>) -> C,
) -> Result<Report, Failure> {
    let units: Vec<T> = entries.into_iter().map(T::from).collect();
    let system = site.connect().await?;
    let mut imported = Imported { changed: 0, unchanged: 0 };
    for (part, units) in units.chunks(AT_ONCE).enumerate() {
        let signature = signature.of_part(part);
        let answer = system.tell(&command(units.to_vec()), &signature).await?;
        imported.changed += answer.changed;
        imported.unchanged += answer.unchanged;
    }
    let Imported { changed, unchanged } = imported;
    let text = format!(
        "{changed} nya eller ändrade, {unchanged} oförändrade.\n\
         {changed} new or changed, {unchanged} unchanged."
    );
    Report::new(&imported, text)
}

impl Signature {
    /// The signature of a part of something that goes in several commands; the same parts get the
    /// same ids again. The first has the id of the whole.
    fn of_part(&self, part: usize) -> Self {
        let id = match part {
            0 => self.id,
            _ => CommandId(Uuid::new_v5(&self.id.0, &part.to_be_bytes())),
        };
        Self { actor: self.actor.clone(), id }
    }
}
