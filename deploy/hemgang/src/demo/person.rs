//! Who is a patient: somebody who does not exist.
//!
//! There are few identity numbers that nobody has (see [`IDENTITIES`]), and more beds than numbers. So
//! they belong to those who come back, and everybody else has a reserve number, which regions make up
//! themselves.

use super::dice::Dice;
use super::places::{CareCentre, ELSEWHERE, MUNICIPALITIES, Municipality};

/// Identity numbers that Skatteverket publishes for tests (its open data set "Testpersonnummer"):
/// nobody has them.
const IDENTITIES: &str = include_str!("../../demo/identities.txt");
/// So many of them are of people who come back; the others are found out later of somebody who came
/// with a reserve number.
pub(crate) const RETURNING: u64 = 33;
const FOUND_LATER: u64 = 7;
/// Of so many stays one is of somebody whose number is found out later.
const UNKNOWN_EVERY: u64 = 120;
/// The first of them.
const FIRST_UNKNOWN: u64 = 12;

/// Names that nobody takes for a patient's.
static GIVEN: [&str; 8] =
    ["Test", "Prova", "Demo", "Exempla", "Påhitta", "Fiktiva", "Övning", "Låtsas"];
static FAMILY: [&str; 6] =
    ["Testsson", "Provberg", "Demolund", "Exempelström", "Övningsson", "Låtsasgren"];
static STREETS: [&str; 4] = ["Provgatan", "Testvägen", "Demogränd", "Övningsstigen"];

/// A patient who does not exist.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) number: Number,
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
    pub(crate) street: &'static str,
    pub(crate) house: i64,
    pub(crate) municipality: &'static Municipality,
    pub(crate) care_centre: &'static CareCentre,
}

/// What identifies a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// Of those who are nobody's.
    Personal(&'static str),
    /// Made up by the region.
    Reserve(String),
}

impl Person {
    /// One of those who come back, by number.
    pub(crate) fn returning(which: u64) -> Option<Self> {
        let number = Number::Personal(identity(which)?);
        Self::drawn(number, &mut Dice::of(which ^ 0x5045_5253_4F4E))
    }

    /// Somebody who comes once.
    pub(crate) fn once(stay: u64, dice: &mut Dice) -> Option<Self> {
        let (year, month, day) =
            (dice.between(1925, 1965), dice.between(1, 12), dice.between(1, 28));
        let series = stay % 10_000;
        let number = Number::Reserve(format!("{year}{month:02}{day:02}D{series:04}"));
        Self::drawn(number, dice)
    }

    fn drawn(number: Number, dice: &mut Dice) -> Option<Self> {
        let municipality = dice.one_of(&MUNICIPALITIES)?;
        let listed = dice.one_of(municipality.care_centres)?;
        Some(Self {
            number,
            given: dice.one_of(&GIVEN)?,
            family: dice.one_of(&FAMILY)?,
            street: dice.one_of(&STREETS)?,
            house: dice.between(1, 98),
            municipality,
            care_centre: if dice.chance(2) { &ELSEWHERE } else { listed },
        })
    }
}

/// The number that is found out during a stay, of somebody who came without.
pub(crate) fn found_during(stay: u64) -> Option<&'static str> {
    let which = stay.checked_sub(FIRST_UNKNOWN).filter(|since| since % UNKNOWN_EVERY == 0)?;
    identity(RETURNING + which / UNKNOWN_EVERY % FOUND_LATER)
}

fn identity(which: u64) -> Option<&'static str> {
    IDENTITIES.lines().nth(usize::try_from(which).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::identity::PersonalIdentity;

    #[test]
    fn every_identity_number_is_one_that_nobody_has() {
        let all: Vec<&str> = IDENTITIES.lines().collect();
        assert_eq!(all, test_support::TEST_IDENTITIES);
        assert!(all.iter().all(|one| PersonalIdentity::personal_or_coordination(one).is_ok()));
    }

    #[test]
    fn there_is_a_number_for_everybody_who_needs_one() {
        assert!((0..RETURNING + FOUND_LATER).all(|which| identity(which).is_some()));
    }

    #[test]
    fn a_reserve_number_is_no_personal_number() {
        let Number::Reserve(number) = Person::once(17, &mut Dice::of(17)).unwrap().number else {
            panic!("a personal number")
        };
        assert!(PersonalIdentity::personal_or_coordination(&number).is_err());
    }

    #[test]
    fn who_comes_back_is_who_came() {
        let [first, again] = [Person::returning(3), Person::returning(3)].map(Option::unwrap);
        assert_eq!(
            (first.number, first.given, first.house),
            (again.number, again.given, again.house)
        );
        assert_eq!(first.municipality, again.municipality);
    }
}
