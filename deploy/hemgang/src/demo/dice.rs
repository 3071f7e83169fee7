//! Chance that comes out the same every time: the same stay lives the same life after a restart.

/// A die that is loaded by a seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The die of a stay.
    pub(crate) fn of(stay: u64) -> Self {
        Self(stay.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x4845_4d47_414e_4721)
    }

    /// `SplitMix64`: short, and random enough for a play.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True so many times of a hundred.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// From `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) + 1;
        low.saturating_add_unsigned(self.next() % span)
    }

    /// One of several, all as likely.
    pub(crate) fn one_of<T>(&mut self, all: &'static [T]) -> Option<&'static T> {
        let count = u64::try_from(all.len()).unwrap_or(1).max(1);
        all.get(usize::try_from(self.next() % count).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_stay_throws_the_same_and_another_one_another() {
        let throws = |stay| {
            let mut dice = Dice::of(stay);
            (0..20).map(|_| dice.between(1, 6)).collect::<Vec<_>>()
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
        assert!(throws(7).iter().all(|throw| (1..=6).contains(throw)));
    }
}
