//! Who comes back, and when: each of a few people has three short stays within two weeks, and after
//! a month the next three. An earlier stay is over by then.

use super::person::RETURNING;

/// Of so many stays one is of somebody who comes back.
const EVERY: u64 = 16;
/// The first of them.
const FIRST: u64 = 5;
/// So many people come in turn, before the first one comes again.
const AT_A_TIME: u64 = 11;
/// How often each of them comes.
const VISITS: u64 = 3;
/// From so many stays within three months on somebody comes often; the same stands in
/// `demo/senders.toml`.
const SEVERAL: u64 = 3;

/// A stay of somebody who comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Return {
    /// Whose.
    pub(crate) person: u64,
    /// The last of the three, after which a longer rest follows.
    pub(crate) is_last: bool,
    /// Several within three months: the ward is asked to judge the need.
    pub(crate) comes_often: bool,
}

impl Return {
    /// Whether the stay of that number is one.
    pub(crate) fn of(stay: u64) -> Option<Self> {
        let turn = stay.checked_sub(FIRST).filter(|since| since % EVERY == 0)? / EVERY;
        let (round, place) = (turn / AT_A_TIME, turn % AT_A_TIME);
        let (season, visit) = (round / VISITS, round % VISITS);
        let groups = RETURNING / AT_A_TIME;
        let earlier = season / groups * VISITS;
        Some(Self {
            person: season % groups * AT_A_TIME + place,
            is_last: visit + 1 == VISITS,
            comes_often: earlier + visit + 1 >= SEVERAL,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_counts_as_the_play_does() {
        let senders = include_str!("../../demo/senders.toml");
        assert!(senders.contains(&format!("frequent_stays = {SEVERAL}\n")));
    }

    #[test]
    fn the_third_stay_is_the_last_for_a_while() {
        let stays = (0..2_000).filter_map(Return::of).filter(|back| back.person == 0);
        let stays: Vec<Return> = stays.collect();
        assert_eq!(
            stays.iter().map(|back| back.is_last).take(4).collect::<Vec<_>>(),
            [false, false, true, false]
        );
        assert_eq!(
            stays.iter().map(|back| back.comes_often).take(4).collect::<Vec<_>>(),
            [false, false, true, true]
        );
    }
}
