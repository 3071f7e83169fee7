//! Fuzz targets over what the world may send: links, report tokens, reports, addresses.

use crate::domain::email::EmailAddress;
use crate::domain::phone::PhoneNumber;
use crate::domain::signing::{Purpose, SigningKey};
use crate::domain::{link, report};
use chrono::DateTime;

#[test]
fn tokens() {
    let key = SigningKey::new(&[7; 32]).unwrap();
    bolero::check!().for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        assert!(link::verify(&key, &text, DateTime::UNIX_EPOCH).is_err(), "a forged link");
        for purpose in [Purpose::ElksReport, Purpose::KannelReport] {
            assert!(report::verify(&key, purpose, &text).is_err(), "a forged report");
        }
    });
}

#[test]
fn addresses() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(number) = text.parse::<PhoneNumber>() {
            assert_eq!(number.as_str().parse::<PhoneNumber>().unwrap(), number);
        }
        if let Ok(address) = text.parse::<EmailAddress>() {
            assert_eq!(address.as_str().parse::<EmailAddress>().unwrap(), address);
        }
    });
}
