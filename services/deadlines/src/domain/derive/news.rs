//! What units are told once, beside their duties.
//!
//! Like duties, news follow from the histories alone: a unit that has lost the case in the meantime
//! keeps its news, withdrawn, so that what was sent and what is derived never disagree.

mod between;
mod drift;

use chrono::{DateTime, Utc};
use contracts::assignment::Route;
use contracts::case::{Certainty, Estimate};
use contracts::ledger::{News, NewsKind};
use contracts::{EntryId, HsaId, Stamp};

use crate::domain::facts::{Life, View};
use crate::domain::rulebook::Rulebooks;

pub(super) fn of(view: View<'_>, rulebooks: &Rulebooks, region: &str) -> Vec<News> {
    let drifts = drift::of(view.case, rulebooks, region);
    let mut news = could_not_be_routed(view);
    news.extend(frequent_patient(view));
    for route in view.routes() {
        let unit = Unit { route, view };
        news.push(unit.notice_came());
        news.extend(unit.ready());
        news.extend(unit.estimates(&drifts));
        news.extend(unit.tracks());
        news.extend(unit.discharge_notices());
        news.extend(unit.discharges());
        news.extend(unit.no_longer_concerned());
    }
    between::tell(view, &mut news);
    news.sort_by_key(|one| one.id);
    // A unit that has the case for two parties is told once.
    news.dedup_by(|later, first| {
        let same = later.id == first.id;
        if same {
            first.withdrawn &= later.withdrawn;
            first.at = first.at.min(later.at);
        }
        same
    });
    news
}

/// Another time, or, of the same one, that it is less or more sure. One of which nobody said how sure it
/// is counts as sure: people plan by it.
fn says_something_else(estimate: &Estimate, earlier: Option<&Estimate>) -> bool {
    if estimate.at != earlier.and_then(|earlier| earlier.at) {
        return true;
    }
    let stated = earlier.and_then(|earlier| earlier.certainty).unwrap_or(Certainty::Certain);
    estimate.at.is_some() && estimate.certainty.is_some_and(|certainty| certainty != stated)
}

fn new(kind: NewsKind, code: &str, entry: EntryId, unit: &HsaId, at: DateTime<Utc>) -> News {
    News {
        id: EntryId::derive("news", &[code, &entry.to_string(), unit.as_str()]),
        kind,
        unit: unit.clone(),
        at,
        withdrawn: false,
    }
}

/// A reception and what its unit hears from then on.
struct Unit<'a> {
    route: &'a Route,
    view: View<'a>,
}

impl Unit<'_> {
    fn life(&self) -> Life {
        Life::of(self.route)
    }

    fn news(&self, kind: NewsKind, code: &str, entry: &Stamp) -> News {
        let at = entry.recorded_at.max(self.life().from);
        News {
            withdrawn: self.route.ended.is_some() || self.view.case.ended(),
            ..new(kind, code, entry.id, &self.route.unit, at)
        }
    }

    fn notice_came(&self) -> News {
        self.news(NewsKind::NoticeCame, "notice_came", &self.route.stamp)
    }

    /// Each ready notice that held while the unit had the case, and each revocation that came while
    /// it had; the one is no longer true when revoked, the other when a new notice came.
    fn ready(&self) -> impl Iterator<Item = News> {
        let ready = &self.view.case.ready;
        let given = ready
            .iter()
            .filter(|one| Life::new(&one.stamp, one.revoked.as_ref()).overlaps(self.life()))
            .map(|one| {
                let mut news = self.news(NewsKind::ReadyGiven, "ready_given", &one.stamp);
                news.withdrawn |= one.revoked.is_some();
                news
            });
        let revoked = ready.iter().filter_map(|one| one.revoked.as_ref());
        let revoked =
            revoked.filter(|stamp| self.life().holds_at(stamp.recorded_at)).map(|stamp| {
                let mut news = self.news(NewsKind::ReadyRevoked, "ready_revoked", stamp);
                let again = |at| stamp.recorded_at < at;
                let mut later = ready.iter().map(|one| one.stamp.recorded_at);
                news.withdrawn |= later.any(again);
                news
            });
        given.chain(revoked)
    }

    /// Each change of the track while the unit had the case, until another one, or until the patient is
    /// home. The first track is no change: it is seen with the planning.
    fn tracks(&self) -> impl Iterator<Item = News> {
        let case = self.view.case;
        let tracks = &case.planning.tracks;
        let earlier = std::iter::once(None).chain(tracks.iter().map(|set| Some(&set.track)));
        let changes = tracks.iter().zip(earlier).filter(|(set, earlier)| match earlier {
            None => set.change.is_some(),
            Some(earlier) => **earlier != set.track,
        });
        let set: Vec<&Stamp> = changes.map(|(set, _)| &set.stamp).collect();
        let current = set.last().map(|stamp| stamp.id);
        let heard = set.into_iter().filter(|stamp| self.life().holds_at(stamp.recorded_at));
        heard.map(move |stamp| {
            let mut news = self.news(NewsKind::TrackChanged, "track_changed", stamp);
            let discharge = case.discharge().map(|discharge| discharge.stamp.recorded_at);
            news.withdrawn |= current != Some(stamp.id)
                || discharge.is_some_and(|discharge| stamp.recorded_at < discharge);
            news
        })
    }

    /// Each notice of discharge that stood while the unit had the case. One that came before the
    /// discharge is no longer worth telling after it: that is told then.
    fn discharge_notices(&self) -> impl Iterator<Item = News> {
        let case = self.view.case;
        let notices = case.planning.discharge_notices.iter();
        let stood =
            notices.filter(|one| Life::new(&one.stamp, one.revoked.as_ref()).overlaps(self.life()));
        stood.map(move |one| {
            let mut news = self.news(NewsKind::DischargeNotice, "discharge_notice", &one.stamp);
            let discharge = case.discharge().map(|discharge| discharge.stamp.recorded_at);
            news.withdrawn |= one.revoked.is_some()
                || discharge.is_some_and(|discharge| one.stamp.recorded_at < discharge);
            news
        })
    }

    /// Each discharge that held while the unit had the case, and each time that one was taken back.
    fn discharges(&self) -> impl Iterator<Item = News> {
        let discharges = &self.view.case.discharges;
        let done = discharges
            .iter()
            .filter(|one| Life::new(&one.stamp, one.revoked.as_ref()).overlaps(self.life()))
            .map(|one| {
                let mut news = self.news(NewsKind::Discharged, "discharged", &one.stamp);
                news.withdrawn |= one.revoked.is_some();
                news
            });
        let revoked = discharges.iter().filter_map(|one| one.revoked.as_ref());
        let revoked =
            revoked.filter(|stamp| self.life().holds_at(stamp.recorded_at)).map(|stamp| {
                let mut news = self.news(NewsKind::DischargeRevoked, "discharge_revoked", stamp);
                let mut later = discharges.iter().map(|one| one.stamp.recorded_at);
                news.withdrawn |= later.any(|at| stamp.recorded_at < at);
                news
            });
        done.chain(revoked)
    }

    /// Estimates that came after the reception and say something else than the one before. What was
    /// recorded no later than the first need stood in the notice: a hospital that sends again what a
    /// restored `admissions` has forgotten has both recorded later than the reception.
    ///
    /// The municipality's units plan its start at home by the estimate: they hear that it drifts, in
    /// place of that it has changed.
    fn estimates(&self, drifts: &[&Stamp]) -> impl Iterator<Item = News> {
        let estimates = &self.view.case.estimates;
        let earlier = std::iter::once(None).chain(estimates.iter().map(Some));
        let changes: Vec<&Stamp> = estimates
            .iter()
            .zip(earlier)
            .filter(|(one, earlier)| says_something_else(one, *earlier))
            .map(|(one, _)| &one.stamp)
            .collect();
        let last = changes.last().map(|stamp| stamp.id);
        let noticed = self.view.case.needs.first().map(|need| need.stamp.recorded_at);
        let from = noticed.map_or(self.life().from, |noticed| self.life().from.max(noticed));
        let municipal = self.route.party.is_municipal();
        changes
            .into_iter()
            .filter(move |stamp| {
                from < stamp.recorded_at && self.life().holds_at(stamp.recorded_at)
            })
            .map(move |stamp| {
                let drifts = municipal && drifts.iter().any(|one| one.id == stamp.id);
                let (kind, code) = if drifts {
                    (NewsKind::EstimateDrifts, "estimate_drifts")
                } else {
                    (NewsKind::EstimateChanged, "estimate_changed")
                };
                let mut news = self.news(kind, code, stamp);
                news.withdrawn |= last != Some(stamp.id) || self.view.case.discharge().is_some();
                news
            })
    }

    /// Not told to a unit that has the case still, by another reception; withdrawn when it gets it
    /// back.
    fn no_longer_concerned(&self) -> Option<News> {
        let ended = self.route.ended.as_ref()?;
        let others = || self.view.routes().iter().filter(|other| other.unit == self.route.unit);
        if others().any(|other| Life::of(other).holds_at(ended.recorded_at)) {
            return None;
        }
        let (kind, code) = (NewsKind::NoLongerConcerned, "no_longer_concerned");
        Some(News {
            withdrawn: others().any(|other| other.ended.is_none()),
            ..new(kind, code, ended.id, &self.route.unit, ended.recorded_at)
        })
    }
}

/// Told to the ward that had the patient when no unit was found.
fn could_not_be_routed(view: View<'_>) -> Vec<News> {
    let unrouted = view.assignment.map_or(&[][..], |all| all.unrouted.as_slice());
    let (kind, code) = (NewsKind::CouldNotBeRouted, "could_not_be_routed");
    let news = unrouted.iter().map(|one| News {
        withdrawn: one.ended.is_some() || view.case.ended(),
        ..new(kind, code, one.stamp.id, ward_at(view, one.stamp.recorded_at), one.stamp.recorded_at)
    });
    news.collect()
}

/// Told to the ward that had the patient when it was found, until it has judged the need.
fn frequent_patient(view: View<'_>) -> Option<News> {
    let stamp = &view.case.frequent.as_ref()?.stamp;
    let (kind, code) = (NewsKind::FrequentPatient, "frequent_patient");
    Some(News {
        withdrawn: view.case.need().is_some() || !view.case.live(),
        ..new(kind, code, stamp.id, ward_at(view, stamp.recorded_at), stamp.recorded_at)
    })
}

fn ward_at(view: View<'_>, at: DateTime<Utc>) -> &HsaId {
    let places = view.case.places.iter();
    let last = places.take_while(|place| place.stamp.recorded_at <= at).last();
    let ward = last.and_then(|place| place.ward.as_ref());
    ward.unwrap_or_else(|| view.ward())
}
