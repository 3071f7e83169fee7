//! The way home in a history: what the ward planned, and what the parties wrote, confirmed and asked.
//! Their texts stay with the service.

use contracts::assignment::{Cooperation, TrackChange};
use contracts::case::{Case, PlanningForm};
use contracts::{HsaId, Party};

use super::Timeline;
use crate::operator::words::{self, way_home};

pub(super) fn of_case<'a>(line: &mut Timeline<'a>, case: &'a Case) {
    for leave in &case.leaves {
        line.add(&leave.stamp, "permission / leave", "");
        line.add_ended(leave.ended.as_ref(), "åter från permission / back from leave", "");
    }
    if let Some(frequent) = &case.frequent {
        let stays = format!("{} vårdtillfällen/stays", frequent.stays);
        line.add(&frequent.stamp, "kommer ofta / comes often", stays);
    }
    for PlanningForm { stamp, unit, .. } in &case.planning.forms {
        line.add(stamp, "planeringsformulär / planning form", unit.as_str());
    }
    for set in &case.planning.tracks {
        line.add(&set.stamp, "process / track", way_home::track(&set.track));
    }
    for check in &case.planning.checks {
        let what = way_home::check(check.what);
        let detail = format!("{what}{}", way_home::unless_done(check.outcome));
        line.add(&check.stamp, "kontroll / check", detail);
        line.add_ended(check.revoked.as_ref(), "kontroll återtagen / check revoked", what);
    }
    for notice in &case.planning.discharge_notices {
        let place = way_home::destination(notice.destination);
        let detail = format!("{place}, {}", notice.discharged_on);
        line.add(&notice.stamp, "utskrivningsmeddelande / notice of discharge", detail);
        line.add_ended(notice.revoked.as_ref(), "meddelandet återtaget / withdrawn", place);
    }
}

pub(super) fn of_cooperation<'a>(line: &mut Timeline<'a>, all: &'a Cooperation) {
    for entry in &all.entries {
        let detail = format!("{}, {}", way_home::entry(entry.kind), of(entry.party, &entry.unit));
        line.add_ended(entry.withdrawn.as_ref(), "planering återtagen / withdrawn", &detail);
        line.add(&entry.stamp, "planering / planning entry", detail);
    }
    for one in &all.confirmations {
        let what = way_home::confirmed(one.what);
        let outcome = way_home::unless_done(one.outcome);
        let detail = format!("{what}{outcome}, {}", of(one.party, &one.unit));
        line.add_ended(one.revoked.as_ref(), "bekräftelse återtagen / revoked", &detail);
        line.add(&one.stamp, "bekräftelse / confirmation", detail);
    }
    all.track_changes.iter().for_each(|change| track_change(line, change));
    for message in &all.messages {
        let detail =
            format!("{}, {}", way_home::form(message.form), of(message.party, &message.unit));
        line.add_ended(message.withdrawn.as_ref(), "meddelande återtaget / withdrawn", &detail);
        line.add(&message.stamp, "meddelande / message", detail);
        for receipt in &message.receipts {
            line.add(&receipt.stamp, "meddelande läst / message read", receipt.unit.as_str());
        }
    }
    for annex in &all.annexes {
        let detail = format!("{}, {}", way_home::annex(annex.kind), of(annex.party, &annex.unit));
        line.add_ended(annex.withdrawn.as_ref(), "bilaga återtagen / annex withdrawn", &detail);
        line.add(&annex.stamp, "bilaga / annex", detail);
    }
    for follow_up in &all.follow_ups {
        let outcome = way_home::unless_done(follow_up.outcome);
        let detail = format!("{}{outcome}", of(follow_up.party, &follow_up.unit));
        line.add(&follow_up.stamp, "uppföljning / follow-up", detail);
    }
    for hindrance in &all.hindrances {
        let what = way_home::hindrance(hindrance.kind);
        line.add(&hindrance.stamp, "hinder / hindrance", what);
        line.add_ended(hindrance.ended.as_ref(), "hinder borta / hindrance over", what);
    }
    line.add_revocable(&all.closings, "avslutat / closed", "öppnat igen / reopened");
}

fn track_change<'a>(line: &mut Timeline<'a>, change: &'a TrackChange) {
    let to = way_home::track(&change.to);
    line.add_ended(change.withdrawn.as_ref(), "förslag återtaget / proposal withdrawn", &to);
    for answer in &change.answers {
        let what = if answer.approved {
            "processbyte godkänt / change approved"
        } else {
            "processbyte avslaget / change refused"
        };
        line.add(&answer.stamp, what, of(answer.party, &answer.unit));
    }
    let detail = format!("{to}, {}", of(change.party, &change.unit));
    line.add(&change.stamp, "processbyte föreslaget / change proposed", detail);
}

fn of(party: Party, unit: &HsaId) -> String {
    format!("{}, {unit}", words::party(party))
}

#[cfg(test)]
mod tests {
    use contracts::assignment::{Confirmation, Confirmed};
    use contracts::case::Outcome;
    use contracts::{EntryId, Stamp};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_not_needed_is_told_from_what_is_done() {
        let at = "2026-11-24T10:00:00Z".parse().unwrap();
        let confirm = |outcome| Confirmation {
            stamp: Stamp::now(EntryId(Uuid::nil()), at, None),
            party: Party::OpenCare,
            unit: "SE2321000180-VC".parse().unwrap(),
            what: Confirmed::HomeReady,
            outcome,
            revoked: None,
        };
        let confirmations = vec![confirm(Outcome::Done), confirm(Outcome::NotNeeded)];
        let all = Cooperation { confirmations, ..Cooperation::default() };
        let mut line = Timeline::default();
        of_cooperation(&mut line, &all);
        let details: Vec<&str> = line.entries.iter().map(|(.., detail)| detail.as_str()).collect();
        let unit = "öppenvård/open care, SE2321000180-VC";
        let done = format!("hemgångsklar/home-ready, {unit}");
        let not_needed = format!("hemgångsklar/home-ready (behövs inte/not needed), {unit}");
        assert_eq!(details, [done, not_needed]);
    }
}
