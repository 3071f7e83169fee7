//! Identity numbers that belong to nobody.

/// Identity numbers that Skatteverket publishes for tests (its open data set "Testpersonnummer"):
/// well formed, with a right check digit, and nobody's. Twelve digits. Most are of
/// people born before 1960, as patients who need help after discharge are. No other number may be
/// used in tests and demos: one that is invented may be somebody's.
pub const TEST_IDENTITIES: [&str; 40] = [
    "192201029283",
    "192301098311",
    "192401019183",
    "192503239234",
    "192603189123",
    "192708059130",
    "192805028939",
    "192911206387",
    "193009189246",
    "193106308178",
    "193207229208",
    "193302177211",
    "193408195349",
    "193508088337",
    "193605047947",
    "193704219124",
    "193801029202",
    "193908079167",
    "194001167743",
    "194108088396",
    "194210198174",
    "194311234787",
    "194405149057",
    "194510273453",
    "194602233415",
    "194702163413",
    "194808262341",
    "194912232594",
    "195001182046",
    "195101151818",
    "195205162331",
    "195305232570",
    "195406112853",
    "195912232849",
    "196604072634",
    "198012279272",
    "198707012392",
    "199410022397",
    "200111122396",
    "200808182398",
];

#[cfg(test)]
mod tests {
    use super::TEST_IDENTITIES;
    use std::collections::HashSet;

    /// Whether the check digit of the last ten digits is right (Luhn).
    fn is_right(number: &str) -> bool {
        let digits = number.bytes().skip(2).map(|digit| u32::from(digit - b'0'));
        let weighed = digits.zip([2, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight);
        weighed.map(|product| product / 10 + product % 10).sum::<u32>() % 10 == 0
    }

    #[test]
    fn all_test_identities_are_well_formed_and_different() {
        for number in TEST_IDENTITIES {
            assert!(number.len() == 12 && number.bytes().all(|digit| digit.is_ascii_digit()));
            assert!(is_right(number), "{number}");
        }
        assert_eq!(HashSet::from(TEST_IDENTITIES).len(), TEST_IDENTITIES.len());
    }
}
