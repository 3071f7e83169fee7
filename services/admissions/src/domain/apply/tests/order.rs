//! Messages in any order and twice: whatever they say, the same stay comes of them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// What a stay is now, whatever way it came there.
#[derive(Debug, PartialEq)]
struct Facts {
    ward: Option<HsaId>,
    estimate: Option<DateTime<Utc>>,
    parties: BTreeSet<Party>,
    is_discharged: bool,
    has_ended: bool,
    has_consented: bool,
}

fn facts(messages: &[HospitalMessage]) -> Facts {
    let case = case_after(messages);
    Facts {
        estimate: case.estimate(),
        parties: case.need().map(|need| need.parties.clone()).unwrap_or_default(),
        is_discharged: case.discharge().is_some(),
        has_ended: case.ended(),
        has_consented: case.consented(Party::OpenCare),
        ward: case.ward,
    }
}

fn some_message(which: u8, hour: i64) -> HospitalMessage {
    let parties = [Party::OpenCare, Party::SocialServices];
    match which {
        0 => HospitalMessage { ward: ward(u32::from(hour % 2 == 0)), ..says(Kind::Transfer, hour) },
        1 => estimate(20 + u32::try_from(hour % 5).unwrap(), hour),
        2 => HospitalMessage { estimate: Stated::Removed, ..update(hour) },
        3 => says(Kind::Discharge, hour),
        4 => says(Kind::CancelDischarge, hour),
        5 => says(Kind::CancelAdmit, hour),
        6 => HospitalMessage { stated_at: at(hour), ..admission() },
        7 => HospitalMessage { need: need(&parties[usize::from(hour % 2 == 0)..]), ..update(hour) },
        8 => HospitalMessage { need: Stated::Removed, ..update(hour) },
        9 | 10 => {
            let death = Some(Death { dead: hour % 2 == 0, at: None });
            let of = if which == 9 { (death, None) } else { (None, death) };
            let mut message = update(hour);
            (message.patient.death, message.patient.left_dead) = of;
            message
        }
        _ => consent(hour % 2 == 0, hour),
    }
}

proptest! {
    #[test]
    fn the_order_in_which_messages_come_does_not_matter(
        which in prop::collection::vec(0_u8..12, 1..12),
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let messages: Vec<_> =
            which.iter().zip(10..).map(|(which, hour)| some_message(*which, hour)).collect();
        let mut sorted = vec![admission()];
        sorted.extend(messages.clone());
        let mut shuffled = vec![admission()];
        shuffled.extend(order.iter().filter_map(|n| messages.get(*n).cloned()));
        prop_assert_eq!(facts(&sorted), facts(&shuffled));
    }

    #[test]
    fn a_message_that_comes_twice_changes_nothing_the_second_time(which in 0_u8..12) {
        let message = some_message(which, 20);
        let (_, what) = after(&[admission(), message.clone(), message]);
        prop_assert_eq!(what[2], None);
    }
}
