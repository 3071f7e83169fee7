//! The signed token in an alert's link.
//!
//! A delivery is one alert by one channel to one recipient, so a token that names the delivery is
//! bound to alert and recipient alike. With its expiry and its seal it is 43 characters long.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::signing::{Purpose, SigningKey, TokenError};

/// 16 bytes of delivery id and 4 of expiry.
const PAYLOAD_BYTES: usize = 20;

/// What a genuine link says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// The delivery that carried the link, and thereby the alert and its recipient.
    pub delivery: Uuid,
    /// The domain time from which the link no longer works, a whole minute.
    pub expires_at: DateTime<Utc>,
}

/// Why a link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not of a link's form: cut off in a copy, perhaps.
    #[error("the link is malformed")]
    Malformed,
    /// Of a link's form, but not made by us.
    #[error("the link is forged")]
    Forged,
    /// Made by us, and no longer good.
    #[error("the link has expired")]
    Expired,
}

impl From<TokenError> for LinkError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Malformed => Self::Malformed,
            TokenError::Forged => Self::Forged,
        }
    }
}

/// The token for a delivery's link, good until `expires_at`, which is cut to the minute.
#[must_use]
pub fn sign(key: &SigningKey, delivery: Uuid, expires_at: DateTime<Utc>) -> String {
    let minutes = expires_at.timestamp().div_euclid(60).clamp(0, i64::from(u32::MAX));
    let minutes = u32::try_from(minutes).unwrap_or_default();
    let mut payload = [0; PAYLOAD_BYTES];
    let (id, expiry) = payload.split_at_mut(16);
    id.copy_from_slice(delivery.as_bytes());
    expiry.copy_from_slice(&minutes.to_be_bytes());
    key.seal(Purpose::Link, &payload)
}

/// What a token says, when it is genuine and still good at `now` (domain time).
pub fn verify(key: &SigningKey, token: &str, now: DateTime<Utc>) -> Result<Claims, LinkError> {
    let payload: [u8; PAYLOAD_BYTES] = key.open(Purpose::Link, token)?;
    let (id, expiry) = payload.split_first_chunk::<16>().ok_or(LinkError::Malformed)?;
    let minutes = expiry.try_into().map(u32::from_be_bytes).map_err(|_| LinkError::Malformed)?;
    let expires_at =
        DateTime::from_timestamp(i64::from(minutes) * 60, 0).ok_or(LinkError::Malformed)?;
    if now >= expires_at {
        return Err(LinkError::Expired);
    }
    Ok(Claims { delivery: Uuid::from_bytes(*id), expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> SigningKey {
        SigningKey::new(&[7; 32]).expect("a key")
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("an instant")
    }

    #[test]
    fn a_link_names_its_delivery_until_it_expires() {
        let delivery = Uuid::from_u128(42);
        let token = sign(&key(), delivery, at(600));
        let claims = Claims { delivery, expires_at: at(600) };
        assert_eq!(verify(&key(), &token, at(599)), Ok(claims));
        assert_eq!(verify(&key(), &token, at(600)), Err(LinkError::Expired));
    }

    #[test]
    fn a_token_is_short_enough_for_an_sms() {
        assert_eq!(sign(&key(), Uuid::max(), at(1_800_000_000)).len(), 43);
    }

    #[test]
    fn a_forged_link_is_called_forged_even_when_it_would_have_expired() {
        let other = SigningKey::new(&[8; 32]).expect("a key");
        let token = sign(&other, Uuid::nil(), at(600));
        assert_eq!(verify(&key(), &token, at(6_000)), Err(LinkError::Forged));
    }

    #[test]
    fn a_link_that_lost_its_end_is_malformed() {
        let token = sign(&key(), Uuid::nil(), at(600));
        assert_eq!(verify(&key(), &token[..20], at(0)), Err(LinkError::Malformed));
    }

    #[test]
    fn an_expiry_beyond_all_bounds_is_cut_and_not_wrapped() {
        let token = sign(&key(), Uuid::nil(), DateTime::<Utc>::MAX_UTC);
        assert!(verify(&key(), &token, at(4_000_000_000)).is_ok());
        let token = sign(&key(), Uuid::nil(), DateTime::<Utc>::MIN_UTC);
        assert_eq!(verify(&key(), &token, at(0)), Err(LinkError::Expired));
    }

    proptest! {
        #[test]
        fn every_link_comes_back_as_it_was_signed(id in any::<u128>(), minute in 1..60_000_000_i64) {
            let delivery = Uuid::from_u128(id);
            let token = sign(&key(), delivery, at(minute * 60));
            let claims = Claims { delivery, expires_at: at(minute * 60) };
            prop_assert_eq!(verify(&key(), &token, at(minute * 60 - 1)), Ok(claims));
        }
    }
}
