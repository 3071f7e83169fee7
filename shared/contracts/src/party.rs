//! The parties of a discharge, and who of them can owe something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The four parties of a discharge.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Slutenvård: the ward that the patient lies on.
    Ward,
    /// Regionens öppenvård: the care centre.
    OpenCare,
    /// Kommunal hälso- och sjukvård.
    MunicipalHealthCare,
    /// Socialtjänst.
    SocialServices,
    /// A party that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Who owes a duty: a party, or the municipality as one (its lead officer is one duty that both of
/// its parties see).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Slutenvård.
    Ward,
    /// Regionens öppenvård.
    OpenCare,
    /// Kommunal hälso- och sjukvård.
    MunicipalHealthCare,
    /// Socialtjänst.
    SocialServices,
    /// The municipality as a whole.
    Municipality,
    /// An owner that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Party {
    /// The parties outside the hospital, which a need judgement can name.
    pub const OUTSIDE: [Self; 3] =
        [Self::OpenCare, Self::MunicipalHealthCare, Self::SocialServices];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Owner::from(self).as_str()
    }

    /// True for the municipality's two parties.
    #[must_use]
    pub fn is_municipal(self) -> bool {
        matches!(self, Self::MunicipalHealthCare | Self::SocialServices)
    }
}

impl Owner {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ward => "ward",
            Self::OpenCare => "open_care",
            Self::MunicipalHealthCare => "municipal_health_care",
            Self::SocialServices => "social_services",
            Self::Municipality => "municipality",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the duty of this owner is seen by the units of `party`.
    #[must_use]
    pub fn includes(self, party: Party) -> bool {
        self == Self::from(party) || (self == Self::Municipality && party.is_municipal())
    }
}

impl From<Party> for Owner {
    fn from(party: Party) -> Self {
        match party {
            Party::Ward => Self::Ward,
            Party::OpenCare => Self::OpenCare,
            Party::MunicipalHealthCare => Self::MunicipalHealthCare,
            Party::SocialServices => Self::SocialServices,
            Party::Unknown => Self::Unknown,
        }
    }
}
