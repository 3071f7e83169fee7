//! Who lies where, why, and who is needed afterwards: everything about a stay that does not change,
//! as a pure function of its number.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;

use super::dice::Dice;
use super::places::{
    CareCentre, ELSEWHERE, HOSPITALS, Hospital, MUNICIPALITIES, Municipality, Ward,
};

/// A stay begins so often (domain time), give or take [`JITTER_S`].
pub(crate) const EVERY: TimeDelta = TimeDelta::minutes(30);
/// Less than [`EVERY`], so that no two stays begin at the same moment: a case is known again by when
/// it began.
const JITTER_S: i64 = 27 * 60;

/// Identity numbers that Skatteverket publishes for tests (its open data set "Testpersonnummer"):
/// nobody has them.
const IDENTITIES: &str = include_str!("../../demo/identities.txt");
/// Names that nobody takes for a patient's.
static GIVEN: [&str; 8] =
    ["Test", "Prova", "Demo", "Exempla", "Påhitta", "Fiktiva", "Övning", "Låtsas"];
static FAMILY: [&str; 6] =
    ["Testsson", "Provberg", "Demolund", "Exempelström", "Övningsson", "Låtsasgren"];
static STREETS: [&str; 4] = ["Provgatan", "Testvägen", "Demogränd", "Övningsstigen"];
/// Code and text of ICD-10-SE.
static DIAGNOSES: [(&str, &str); 6] = [
    ("I50.9", "Hjärtsvikt, ospecificerad"),
    ("S72.0", "Fraktur på lårbenshalsen"),
    ("J44.1", "KOL med akut exacerbation"),
    ("I63.9", "Cerebral infarkt, ospecificerad"),
    ("N39.0", "Urinvägsinfektion"),
    ("J18.9", "Pneumoni, ospecificerad"),
];
/// Whose services are needed, where any are; the first ones are the most usual.
static NEEDS: [&[Party]; 6] = [
    &[Party::OpenCare, Party::MunicipalHealthCare, Party::SocialServices],
    &[Party::MunicipalHealthCare, Party::SocialServices],
    &[Party::OpenCare, Party::SocialServices],
    &[Party::OpenCare, Party::MunicipalHealthCare],
    &[Party::OpenCare],
    &[Party::SocialServices],
];

/// A stay.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    /// Counted from 0.
    pub(crate) number: u64,
    pub(crate) hospital: &'static Hospital,
    /// Where it begins.
    pub(crate) ward: &'static Ward,
    /// On a whole second, as hospitals state it.
    pub(crate) admitted_at: DateTime<Utc>,
    pub(crate) person: Person,
    pub(crate) municipality: &'static Municipality,
    pub(crate) care_centre: &'static CareCentre,
    pub(crate) diagnosis: (&'static str, &'static str),
    /// Whose services will be needed; empty: nobody's.
    pub(crate) parties: BTreeSet<Party>,
}

/// A patient who does not exist.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) identity: &'static str,
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
    pub(crate) street: String,
}

/// When a stay begins.
pub(crate) fn admitted_at(begun_at: DateTime<Utc>, number: u64) -> DateTime<Utc> {
    let jitter = Dice::of(number ^ 0x00AD_0417).between(0, JITTER_S);
    let before = EVERY * i32::try_from(number).unwrap_or(i32::MAX);
    begun_at + before + TimeDelta::seconds(jitter)
}

impl Stay {
    /// The stay of that number, in a demo that began then. None only for numbers beyond all time.
    pub(crate) fn of(begun_at: DateTime<Utc>, number: u64) -> Option<Self> {
        let mut dice = Dice::of(number);
        let hospital = dice.one_of(&HOSPITALS)?;
        let municipality = dice.one_of(&MUNICIPALITIES)?;
        let listed = dice.one_of(municipality.care_centres)?;
        let care_centre = if dice.chance(2) { &ELSEWHERE } else { listed };
        let needed = dice.chance(30);
        let parties = NEEDS.get(usize::try_from(dice.between(0, 9)).ok()?).or(NEEDS.first())?;
        Some(Self {
            number,
            hospital,
            ward: dice.one_of(hospital.wards)?,
            admitted_at: admitted_at(begun_at, number),
            person: Person::drawn(&mut dice)?,
            municipality,
            care_centre,
            diagnosis: *dice.one_of(&DIAGNOSES)?,
            parties: parties.iter().copied().filter(|_| needed).collect(),
        })
    }

    /// The parties that get the notice: open care, too, when municipal health care is needed.
    pub(crate) fn concerned(&self) -> BTreeSet<Party> {
        let mut parties = self.parties.clone();
        if parties.contains(&Party::MunicipalHealthCare) {
            parties.insert(Party::OpenCare);
        }
        parties
    }

    /// Both principals are needed, so that a plan is due.
    pub(crate) fn needs_plan(&self) -> bool {
        let concerned = self.concerned();
        concerned.contains(&Party::OpenCare) && concerned.iter().any(|party| party.is_municipal())
    }

    /// The unit of a concerned party; none where nobody knows it.
    pub(crate) fn unit_of(&self, party: Party) -> Option<&'static str> {
        match party {
            Party::OpenCare => Some(self.care_centre.unit).filter(|_| !self.is_from_elsewhere()),
            Party::MunicipalHealthCare => Some(self.municipality.health_care),
            Party::SocialServices => Some(self.municipality.social_services),
            Party::Ward | Party::Unknown => None,
        }
    }

    /// Listed where the directory has no unit.
    pub(crate) fn is_from_elsewhere(&self) -> bool {
        self.care_centre == &ELSEWHERE
    }

    /// The hospital's number of the stay.
    pub(crate) fn visit(&self) -> String {
        format!("DEMO-{}", self.number)
    }
}

impl Person {
    fn drawn(dice: &mut Dice) -> Option<Self> {
        let count = i64::try_from(IDENTITIES.lines().count()).ok()?;
        let which = usize::try_from(dice.between(0, count - 1)).ok()?;
        Some(Self {
            identity: IDENTITIES.lines().nth(which)?,
            given: dice.one_of(&GIVEN)?,
            family: dice.one_of(&FAMILY)?,
            street: format!("{} {}", dice.one_of(&STREETS)?, dice.between(1, 99)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::identity::PersonalIdentity;

    fn stays() -> Vec<Stay> {
        let begun_at = "2026-11-17T06:00:00Z".parse().unwrap();
        (0..1_000).map(|number| Stay::of(begun_at, number).unwrap()).collect()
    }

    #[test]
    fn no_two_stays_begin_at_the_same_moment() {
        assert!(stays().windows(2).all(|pair| pair[0].admitted_at < pair[1].admitted_at));
    }

    #[test]
    fn most_patients_need_nobody_afterwards() {
        let needed = stays().iter().filter(|stay| !stay.parties.is_empty()).count();
        assert!((250..350).contains(&needed), "{needed}");
    }

    #[test]
    fn both_hospitals_and_every_municipality_have_patients() {
        for hospital in &HOSPITALS {
            assert!(stays().iter().any(|stay| stay.hospital.id == hospital.id));
        }
        for municipality in &MUNICIPALITIES {
            assert!(stays().iter().any(|stay| stay.municipality == municipality));
        }
    }

    #[test]
    fn every_identity_number_is_well_formed() {
        for number in IDENTITIES.lines() {
            assert!(PersonalIdentity::personal_or_coordination(number).is_ok());
        }
    }
}
