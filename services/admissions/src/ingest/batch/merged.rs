//! Merges of numbers in a batch.

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::CaseId;
use sqlx::PgConnection;

use super::Item;
use crate::domain::apply::AHEAD;
use crate::domain::merge::Merge;
use crate::hospital_message::CaseKey;
use crate::reading::Content;
use crate::store::merges;
use crate::store::naming::Names;

/// Remembers the merges among messages; the stays that they concern, and the trace of one of them.
pub(super) async fn take_in(
    tx: &mut PgConnection,
    items: &[&Item<'_>],
    names: &Names,
    now: DateTime<Utc>,
) -> Result<(Vec<CaseId>, Trace), sqlx::Error> {
    let all: Vec<Merge> = items.iter().flat_map(|item| of_item(item, names, now)).collect();
    if all.is_empty() {
        return Ok((Vec::new(), Trace::start()));
    }
    merges::remember(tx, &all).await?;
    let trace = items.iter().find(|item| !of_item(item, names, now).is_empty());
    let trace = trace.map_or_else(Trace::start, |item| item.inbound.trace);
    Ok((merges::concerned(tx, &all).await?, trace))
}

fn of_item(item: &Item<'_>, names: &Names, now: DateTime<Utc>) -> Vec<Merge> {
    let (Some(sender), Content::Use { message, .. }) = (item.read.sender, &item.read.content)
    else {
        return Vec::new();
    };
    let (CaseKey::EveryStayOf(prior), Some(survivor)) =
        (&message.case_key, message.patient.identity.value())
    else {
        return Vec::new();
    };
    let merge = |prior: &crate::hospital_message::Identity| Merge {
        hospital: sender.hospital.clone(),
        prior: prior.clone(),
        survivor: survivor.clone(),
        protected: message.patient.protected == Some(true),
        stated_at: if message.stated_at > now + AHEAD { now } else { message.stated_at },
        message: names.message(&item.identity),
    };
    prior.iter().map(merge).collect()
}
