//! Annexes: what may be attached.

use contracts::assignment::{Annex, AnnexKind};
use contracts::commands::{LARGEST_ANNEX, Refusal};
use contracts::{Assignment, EntryId, Stamp};

use super::{Acting, no_such, not_yours};

/// Longest file name in characters.
const LONGEST_NAME: usize = 200;

/// Adds an annex. Its bytes must be what its media type says.
pub(crate) fn add(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    kind: AnnexKind,
    file: File<'_>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    acting.goes_on()?;
    let size = file.check()?;
    if kind == AnnexKind::Unknown {
        return Err(Refusal::new("unknown_kind", "Okänd bilaga.", "Unknown annex.").at("/kind"));
    }
    let (party, unit) = (acting.party, acting.unit.clone());
    assignment.cooperation.annexes.push(Annex { stamp, party, unit, kind, size, withdrawn: None });
    Ok(true)
}

/// Withdraws an annex of the acting unit.
pub(crate) fn withdraw(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    annex: EntryId,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let mut all = assignment.cooperation.annexes.iter_mut();
    let annex = all.find(|one| one.stamp.id == annex).ok_or_else(|| no_such("/annex"))?;
    if annex.unit != *acting.unit {
        return Err(not_yours("/annex"));
    }
    Ok(super::end(&mut annex.withdrawn, stamp))
}

/// A file as it came.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) media_type: &'a str,
    pub(crate) bytes: &'a [u8],
}

impl File<'_> {
    /// Its size, when it may be attached.
    fn check(self) -> Result<u32, Refusal> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            let (sv, en) = (
                format!("Filnamnet ska ha 1 till {LONGEST_NAME} tecken."),
                format!("The file name has 1 to {LONGEST_NAME} characters."),
            );
            return Err(Refusal::new("bad_name", sv, en).at("/name"));
        }
        if self.bytes.is_empty() || self.bytes.len() > LARGEST_ANNEX {
            let kib = LARGEST_ANNEX / 1024;
            let (sv, en) = (
                format!("Bilagan får inte vara tom eller större än {kib} KiB."),
                format!("The annex must not be empty or larger than {kib} KiB."),
            );
            return Err(Refusal::new("bad_size", sv, en).at("/content"));
        }
        if !self.is_what_it_says() {
            return Err(Refusal::new(
                "bad_type",
                "Bilagan ska vara PDF, PNG, JPEG eller ren text (UTF-8), och typen ska stämma.",
                "The annex must be PDF, PNG, JPEG or plain text (UTF-8), and its type must be right.",
            )
            .at("/media_type"));
        }
        Ok(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX))
    }

    fn is_what_it_says(self) -> bool {
        match self.media_type {
            "application/pdf" => self.bytes.starts_with(b"%PDF-"),
            "image/png" => self.bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            "image/jpeg" => self.bytes.starts_with(b"\xff\xd8\xff"),
            "text/plain" => std::str::from_utf8(self.bytes).is_ok(),
            _ => false,
        }
    }
}
