//! The demo's places: which hospital has which wards, who lives where and is listed where. The same
//! units stand in `demo/units.toml`, with their names.

/// A hospital and how it talks to us.
#[derive(Debug)]
pub(crate) struct Hospital {
    /// Its HSA-id.
    pub(crate) id: &'static str,
    /// The token under which its system is registered.
    pub(crate) token: &'static str,
    /// It sends HL7 v2 over MLLP; else JSON over NATS.
    pub(crate) sends_hl7: bool,
    /// Its wards.
    pub(crate) wards: &'static [Ward],
}

/// A ward.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ward {
    /// The hospital's own code.
    pub(crate) code: &'static str,
    /// Its HSA-id.
    pub(crate) unit: &'static str,
}

/// A municipality.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Municipality {
    /// Its code by Statistics Sweden.
    pub(crate) code: &'static str,
    /// Its name, as a post town.
    pub(crate) town: &'static str,
    /// Its health care.
    pub(crate) health_care: &'static str,
    /// Its social services.
    pub(crate) social_services: &'static str,
    /// Where its people are listed.
    pub(crate) care_centres: &'static [CareCentre],
}

/// A care centre.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CareCentre {
    /// The code that the hospital with HL7 has for it.
    pub(crate) code: &'static str,
    /// Its HSA-id.
    pub(crate) unit: &'static str,
}

pub(crate) static HOSPITALS: [Hospital; 2] = [
    Hospital {
        id: "SE9999990001-FALU",
        token: "falu",
        sends_hl7: true,
        wards: &[
            Ward { code: "MED1", unit: "SE9999990001-FALUMED1" },
            Ward { code: "GER1", unit: "SE9999990001-FALUGER1" },
            Ward { code: "ORT1", unit: "SE9999990001-FALUORT1" },
        ],
    },
    Hospital {
        id: "SE9999990001-SILJAN",
        token: "siljan",
        sends_hl7: false,
        wards: &[
            Ward { code: "MED", unit: "SE9999990001-SILJANMED" },
            Ward { code: "KIR", unit: "SE9999990001-SILJANKIR" },
            Ward { code: "REH", unit: "SE9999990001-SILJANREH" },
        ],
    },
];

pub(crate) static MUNICIPALITIES: [Municipality; 4] = [
    Municipality {
        code: "2080",
        town: "FALUN",
        health_care: "SE9999990002-HSV",
        social_services: "SE9999990002-SOC",
        care_centres: &[
            CareCentre { code: "VCFALUN", unit: "SE9999990001-VCFALUN" },
            CareCentre { code: "VCHOSJO", unit: "SE9999990001-VCHOSJO" },
        ],
    },
    Municipality {
        code: "2081",
        town: "BORLÄNGE",
        health_care: "SE9999990003-HSV",
        social_services: "SE9999990003-SOC",
        care_centres: &[CareCentre { code: "VCBORLANGE", unit: "SE9999990001-VCBORLANGE" }],
    },
    Municipality {
        code: "2085",
        town: "LUDVIKA",
        health_care: "SE9999990004-HSV",
        social_services: "SE9999990004-SOC",
        care_centres: &[
            CareCentre { code: "VCLUDVIKA", unit: "SE9999990001-VCLUDVIKA" },
            CareCentre { code: "VCGRANGES", unit: "SE9999990001-VCGRANGES" },
        ],
    },
    Municipality {
        code: "2062",
        town: "MORA",
        health_care: "SE9999990005-HSV",
        social_services: "SE9999990005-SOC",
        care_centres: &[CareCentre { code: "VCMORA", unit: "SE9999990001-VCMORA" }],
    },
];

/// A care centre that the directory does not know, for patients who come from elsewhere.
pub(crate) static ELSEWHERE: CareCentre =
    CareCentre { code: "VCANNAN", unit: "SE9999990009-VCANNAN" };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::hl7::RESERVE;
    use crate::demo::region::Region;

    #[test]
    fn every_place_is_in_the_directory_and_can_be_reached() {
        let region = Region::read().unwrap();
        let wards = HOSPITALS.iter().flat_map(|hospital| hospital.wards).map(|ward| ward.unit);
        let municipal = MUNICIPALITIES.iter().flat_map(|it| [it.health_care, it.social_services]);
        let centres = MUNICIPALITIES.iter().flat_map(|it| it.care_centres).map(|it| it.unit);
        for place in wards.chain(municipal).chain(centres) {
            assert!(region.units.iter().any(|unit| unit.unit.as_str() == place), "{place}");
            assert!(region.contacts.iter().any(|unit| unit.unit.as_str() == place), "{place}");
        }
        assert!(region.units.iter().all(|unit| unit.unit.as_str() != ELSEWHERE.unit));
    }

    #[test]
    fn the_registered_senders_know_every_code_that_is_used() {
        let senders = include_str!("../../demo/senders.toml");
        let [falu, siljan] = &HOSPITALS;
        for ward in falu.wards {
            assert!(senders.contains(&format!("\"{}\" = \"{}\"", ward.code, ward.unit)));
        }
        for centre in MUNICIPALITIES.iter().flat_map(|it| it.care_centres) {
            assert!(senders.contains(&format!("\"{}\" = \"{}\"", centre.code, centre.unit)));
        }
        assert!(senders.contains(&format!("authorities = [\"{RESERVE}\"]")));
        for hospital in [falu, siljan] {
            assert!(senders.contains(&format!("token = \"{}\"", hospital.token)));
            assert!(senders.contains(&format!("hospital = \"{}\"", hospital.id)));
        }
    }
}
