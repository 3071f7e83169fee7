//! What services know of cases, page by page, and the pages merged.

use std::collections::VecDeque;

use contracts::CaseId;
use contracts::commands::{
    KnownCase, LIST_KNOWN_CASES, ListKnownCases, MOST_KNOWN, MOST_KNOWN_ENTRIES,
};

use crate::operator::failure::Failure;
use crate::operator::system::System;

/// What one service knows, page by page.
pub(super) struct Pages {
    service: &'static str,
    page: VecDeque<KnownCase>,
    after: Option<CaseId>,
    is_over: bool,
}

impl Pages {
    pub(super) const fn of(service: &'static str) -> Self {
        Self { service, page: VecDeque::new(), after: None, is_over: false }
    }

    /// Fetches the next page, unless there is something left of this one.
    async fn fill(&mut self, system: &System) -> Result<(), Failure> {
        if self.page.is_empty() && !self.is_over {
            let query = ListKnownCases { after: self.after };
            let page: Vec<KnownCase> =
                system.ask_any(self.service, LIST_KNOWN_CASES, &query).await?;
            // A service that does not go on would be asked for ever.
            if page.first().is_some_and(|first| self.after >= Some(first.case)) {
                return Err(does_not_go_on(self.service));
            }
            self.after = page.last().map(|known| known.case);
            self.is_over = page.is_empty();
            self.page = page.into();
        }
        Ok(())
    }
}

fn does_not_go_on(service: &str) -> Failure {
    Failure::new(
        "odd_answer",
        format!("{service} räknar inte upp ärendena i ordning: är det en annan version?"),
        format!("{service} does not list cases in their order: is it another release?"),
    )
}

/// The next cases in the order of their ids, each once, with the newest version and all entries that
/// anybody knows, and who knows it at all: as many as can be asked about at once.
pub(super) async fn merged(
    system: &System,
    pages: &mut [Pages],
) -> Result<Vec<(KnownCase, Vec<&'static str>)>, Failure> {
    let (mut merged, mut entries) = (Vec::new(), 0);
    while merged.len() < MOST_KNOWN.into() && entries < MOST_KNOWN_ENTRIES {
        for pages in pages.iter_mut() {
            pages.fill(system).await?;
        }
        let first = pages.iter().filter_map(|pages| pages.page.front()).map(|known| known.case);
        let Some(first) = first.min() else { break };
        let mut all: Option<KnownCase> = None;
        let mut known_by = Vec::new();
        for pages in pages.iter_mut() {
            let Some(known) = pages.page.pop_front_if(|known| known.case == first) else {
                continue;
            };
            known_by.push(pages.service);
            all = Some(match all {
                None => known,
                Some(all) => newest(all, known),
            });
        }
        let Some(all) = all else { break };
        entries += all.size();
        merged.push((all, known_by));
    }
    Ok(merged)
}

/// The newer of two, with all that either tells of the case.
fn newest(one: KnownCase, other: KnownCase) -> KnownCase {
    let (newer, older) = if one.version < other.version { (other, one) } else { (one, other) };
    let content = match (newer.content, older.content) {
        (Some(mut newer), Some(older)) => {
            newer.changed_at = newer.changed_at.max(older.changed_at);
            newer.entries.extend(older.entries);
            Some(newer)
        }
        (newer, older) => newer.or(older),
    };
    KnownCase { content, ..newer }
}
