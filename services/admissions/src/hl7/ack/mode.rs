//! Which answers a sender wants (MSH-15 and MSH-16, HL7 table 0155).

use super::Said;
use crate::hl7::header::Header;

/// The acknowledgement mode that a message asks for.
///
/// Both fields empty is original mode. Where only one is filled, the other counts as never, unless
/// nothing at all would be left: a sender that has said only what it does not want still waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One answer, by the application.
    Original,
    /// Two answers, each where it is wanted.
    Enhanced {
        /// MSH-15: that the message is stored (CA), or cannot be taken (CE, CR).
        accept: Wish,
        /// MSH-16: what became of it (AA, AE, AR).
        application: Wish,
    },
}

/// When an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// AL
    Always,
    /// NE
    Never,
    /// ER
    OnError,
    /// SU
    OnSuccess,
}

impl Wish {
    fn read(written: Option<&str>) -> Option<Self> {
        match written? {
            "AL" => Some(Self::Always),
            "NE" => Some(Self::Never),
            "ER" => Some(Self::OnError),
            "SU" => Some(Self::OnSuccess),
            _ => None,
        }
    }

    const fn wants(self, is_success: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::OnError => !is_success,
            Self::OnSuccess => is_success,
        }
    }
}

impl Mode {
    /// What MSH-15 and MSH-16 ask for; what is none of the table's values counts as empty.
    #[must_use]
    pub fn of(header: &Header) -> Self {
        use Wish::{Always, Never};
        let accept = Wish::read(header.accept_acknowledgement.as_deref());
        let application = Wish::read(header.application_acknowledgement.as_deref());
        let (accept, application) = match (accept, application) {
            (None, None) => return Self::Original,
            (Some(accept), Some(application)) => (accept, application),
            (Some(Never), None) => (Never, Always),
            (None, Some(Never)) => (Always, Never),
            (Some(accept), None) => (accept, Never),
            (None, Some(application)) => (Never, application),
        };
        Self::Enhanced { accept, application }
    }

    /// How many answers there may be at the most, and whether one is certain to come.
    #[must_use]
    pub fn expects(self) -> (usize, bool) {
        let each = || ['A', 'E', 'R'].into_iter().map(|letter| self.said(letter).len());
        (each().max().unwrap_or_default(), each().all(|count| count > 0))
    }

    /// The first letter of the one answer, where there can be but one.
    pub(super) fn family(self) -> char {
        match self {
            Self::Original => 'A',
            Self::Enhanced { accept: Wish::Never, application } if application != Wish::Never => {
                'A'
            }
            Self::Enhanced { .. } => 'C',
        }
    }

    /// What is said of a message that was used (A), is in error (E) or cannot be taken (R).
    ///
    /// Where both answers are wanted, the first says only that the message is stored, as one in error
    /// is too; what cannot be taken has no second. Where the first is the only one it says all.
    pub(super) fn said(self, letter: char) -> Vec<Said> {
        let said = |family: char, letter, tells_why| Said {
            code: format!("{family}{letter}"),
            tells_why,
            is_first_of_two: false,
        };
        let is_success = letter == 'A';
        let (accept, application) = match self {
            Self::Original => return vec![said('A', letter, true)],
            Self::Enhanced { accept, application } => (accept, application),
        };
        let only_accept = application == Wish::Never || (letter == 'R' && accept.wants(false));
        if only_accept {
            let all = accept.wants(is_success).then(|| said('C', letter, true));
            return all.into_iter().collect();
        }
        let is_stored = letter != 'R' && accept.wants(true);
        let is_told = application.wants(is_success);
        let stored = Said { is_first_of_two: is_told, ..said('C', 'A', false) };
        let told = said('A', letter, true);
        let all = [(is_stored, stored), (is_told, told)].into_iter();
        all.filter_map(|(is_wanted, said)| is_wanted.then_some(said)).collect()
    }
}
