//! Who acts, and under which id: every command is signed with both.

use contracts::commands::Actor;
use contracts::{CommandId, HsaId, StaffId};

use super::failure::Failure;

/// Arguments of everything that changes something. Required, although clap is not told so: it
/// allows no required argument to stand anywhere on the line.
#[derive(clap::Args)]
pub(crate) struct Acting {
    /// The member of staff who acts.
    #[arg(id = "acting-staff", long = "as", global = true, value_name = "HSA-ID")]
    staff: Option<StaffId>,
    /// The unit on whose behalf.
    #[arg(id = "acting-unit", long = "unit", global = true, value_name = "HSA-ID")]
    unit: Option<HsaId>,
    /// Repeat a command whose answer was lost: under the same id it is carried out once.
    #[arg(long, global = true, value_name = "UUID")]
    command_id: Option<CommandId>,
}

/// Who acts, and the command's id.
pub(crate) struct Signature {
    pub(crate) actor: Actor,
    pub(crate) id: CommandId,
}

impl Acting {
    /// Signs one command.
    pub(crate) fn sign(self) -> Result<Signature, Failure> {
        let (Some(staff), Some(unit)) = (self.staff, self.unit) else {
            return Err(Failure::usage(
                "Ange vem som utför åtgärden: --as <personens HSA-id> --unit <enhetens HSA-id>.",
                "State who acts: --as <the person's HSA-id> --unit <the unit's HSA-id>.",
            ));
        };
        let id = self.command_id.unwrap_or_else(|| chassis::new_id().into());
        Ok(Signature { actor: Actor { staff, unit }, id })
    }
}
