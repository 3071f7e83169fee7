//! Tokens that prove that we made them.
//!
//! Both the link in an alert and the address for a provider's report are used by somebody who
//! cannot log in, so what they carry is sealed: payload, then the beginning of an HMAC-SHA256 over
//! purpose and payload, in the alphabet of URLs. 96 bits of it are kept: every guess is a request
//! to us, and each character of a link is paid for in an SMS. The comparison takes the same time
//! wherever it fails.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Bytes of the HMAC that a token carries.
const TAG_BYTES: usize = 12;

/// Longer texts than any token of ours are not even decoded.
const LONGEST_TOKEN: usize = 128;

/// What a token is good for; one made for one purpose is a forgery for every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The page behind an alert's link.
    Link = 1,
    /// A delivery report from 46elks.
    ElksReport = 2,
    /// A delivery report from Kannel.
    KannelReport = 3,
}

/// The secret with which tokens are sealed. Prints itself redacted.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// Why bytes are no signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing key must have at least 32 bytes")]
pub struct SigningKeyError;

/// Why a token was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not of a token's form: cut off in a copy, perhaps.
    #[error("the token is malformed")]
    Malformed,
    /// Of a token's form, but not made by us for this purpose.
    #[error("the token is forged")]
    Forged,
}

impl SigningKey {
    /// A key from at least 32 secret bytes, as long as the hash, so that guessing the key is no
    /// easier than guessing the HMAC.
    pub fn new(secret: &[u8]) -> Result<Self, SigningKeyError> {
        if secret.len() < 32 {
            return Err(SigningKeyError);
        }
        Hmac::new_from_slice(secret).map(Self).map_err(|_| SigningKeyError)
    }

    /// The token that carries `payload`, readable by all and made by us alone.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, payload: &[u8]) -> String {
        let full = self.mac(purpose, payload).finalize().into_bytes();
        let tag = full.iter().take(TAG_BYTES);
        URL_SAFE_NO_PAD.encode(payload.iter().chain(tag).copied().collect::<Vec<u8>>())
    }

    /// The payload of a token that this key sealed for `purpose`.
    pub fn open<const N: usize>(
        &self,
        purpose: Purpose,
        token: &str,
    ) -> Result<[u8; N], TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::Malformed);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenError::Malformed)?;
        let (payload, tag) = bytes.split_first_chunk::<N>().ok_or(TokenError::Malformed)?;
        if tag.len() != TAG_BYTES {
            return Err(TokenError::Malformed);
        }
        self.mac(purpose, payload)
            .verify_truncated_left(tag)
            .map(|()| *payload)
            .map_err(|_| TokenError::Forged)
    }

    fn mac(&self, purpose: Purpose, payload: &[u8]) -> Hmac<Sha256> {
        self.0.clone().chain_update([purpose as u8]).chain_update(payload)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> SigningKey {
        SigningKey::new(&[7; 32]).expect("a key")
    }

    #[test]
    fn a_short_secret_is_no_key() {
        assert_eq!(SigningKey::new(&[7; 31]).err(), Some(SigningKeyError));
    }

    #[test]
    fn a_token_for_one_purpose_is_a_forgery_for_another() {
        let token = key().seal(Purpose::ElksReport, &[1; 16]);
        assert_eq!(key().open::<16>(Purpose::KannelReport, &token), Err(TokenError::Forged));
    }

    #[test]
    fn a_token_of_another_key_is_a_forgery() {
        let other = SigningKey::new(&[8; 32]).expect("a key");
        let token = other.seal(Purpose::Link, &[1; 16]);
        assert_eq!(key().open::<16>(Purpose::Link, &token), Err(TokenError::Forged));
    }

    #[test]
    fn a_token_that_lacks_its_end_is_malformed() {
        let token = key().seal(Purpose::Link, &[1; 16]);
        let cut = &token[..token.len() - 4];
        assert_eq!(key().open::<16>(Purpose::Link, cut), Err(TokenError::Malformed));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(payload in any::<[u8; 20]>()) {
            let token = key().seal(Purpose::Link, &payload);
            prop_assert_eq!(key().open::<20>(Purpose::Link, &token), Ok(payload));
        }

        #[test]
        fn changing_any_character_breaks_the_seal(at in 0..38_usize, to in "[A-Za-z0-9_-]") {
            let token = key().seal(Purpose::Link, &[1; 16]);
            let mut changed = token.clone();
            changed.replace_range(at..=at, &to);
            prop_assume!(changed != token);
            prop_assert!(key().open::<16>(Purpose::Link, &changed).is_err());
        }

        #[test]
        fn no_text_from_outside_opens_or_panics(text in any::<String>()) {
            prop_assert!(key().open::<16>(Purpose::Link, &text).is_err());
        }
    }
}
