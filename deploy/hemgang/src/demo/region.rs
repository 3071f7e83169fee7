//! The demo's region: its units and how they are reached, as an operator would import them.

use std::collections::BTreeMap;
use std::path::Path;

use chassis::new_id;
use contracts::commands::{Actor, ImportContactPoints, ImportUnits, UnitContacts};
use contracts::{CommandId, Unit};
use messaging::Caller;

use crate::operator::import;

/// Who imports: a person of the region's administration, invented like everybody.
const ADMINISTRATOR: (&str, &str) = ("SE9999990001-ADMIN", "SE9999990001-REGION");

/// Units and contact points.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) units: Vec<Unit>,
    pub(crate) contacts: Vec<UnitContacts>,
}

impl Region {
    /// Reads the files that are built in.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let units = include_str!("../../demo/units.toml");
        let contacts = include_str!("../../demo/contacts.toml");
        Ok(Self {
            units: import::units(Path::new("demo/units.toml"), units)?,
            contacts: import::contacts(Path::new("demo/contacts.toml"), contacts)?,
        })
    }

    /// Imports everything. What is there already stays as it is.
    pub(crate) async fn import(&self, caller: &Caller) -> anyhow::Result<()> {
        let (staff, unit) = ADMINISTRATOR;
        let actor = Actor { staff: staff.parse()?, unit: unit.parse()? };
        // Reachability first: a duty whose unit nobody can reach yet would alarm.
        let contacts = ImportContactPoints { units: self.contacts.clone() };
        caller.call(&contacts, CommandId(new_id()), &actor).await?;
        let units = ImportUnits { units: self.units.clone() };
        caller.call(&units, CommandId(new_id()), &actor).await?;
        Ok(())
    }

    /// The units' names by HSA-id.
    pub(crate) fn names(&self) -> BTreeMap<String, String> {
        self.units.iter().map(|it| (it.unit.as_str().to_owned(), it.name.clone())).collect()
    }
}
