//! Writes a message and hands it to whoever carries it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Context;
use chassis::config::Settings;
use chassis::{Clock, real_now};
use chrono::TimeDelta;
use contracts::AlertId;

use crate::config::{Carrier, Own};
use crate::deliver::{Content, Job, Part};
use crate::domain::breaker::Breaker;
use crate::domain::delivery::{Channel, Provider, Providers};
use crate::domain::signing::{Purpose, SigningKey};
use crate::domain::{link, report};
use crate::itip;
use crate::mail::{Mailer, OutgoingMail};
use crate::outcome::{Reason, SendOutcome};
use crate::settle::Finished;
use crate::sms::{self, elks, kannel};
use crate::store::due::{Coming, Due};
use crate::templates::{self, Message};

/// Everything that sending needs.
#[derive(Debug)]
pub(crate) struct Sender {
    mailer: Mailer,
    sms: Vec<(Provider, sms::Provider)>,
    providers: Providers,
    links: Links,
    clock: Clock,
    breaker: Mutex<Breaker>,
}

/// The addresses in messages, and of reports.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    pub(crate) key: SigningKey,
    base: String,
    valid: TimeDelta,
}

impl Links {
    /// Reads the settings.
    pub(crate) fn new(settings: &crate::config::Link) -> anyhow::Result<Self> {
        let key = SigningKey::new(settings.key.expose().as_bytes()).context("use link.key")?;
        Ok(Self {
            key,
            base: settings.base_url.to_string(),
            valid: TimeDelta::hours(settings.valid_hours.into()),
        })
    }
}

impl Sender {
    /// Reads the settings; connects to nothing yet.
    pub(crate) fn new(settings: &Settings<Own>, clock: Clock) -> anyhow::Result<Self> {
        let Own { smtp, link, .. } = &settings.service;
        let authorities = smtp.ca_file.as_ref().map(std::fs::read).transpose();
        let authorities = authorities.context("read the certificates (smtp.ca_file)")?;
        let (url, reply_to) = (smtp.url.expose(), smtp.reply_to.as_deref());
        let mailer = Mailer::new(url, &smtp.from, reply_to, authorities.as_deref())
            .context("use the settings of mail (SMTP_URL, smtp.from, smtp.reply_to)")?;
        let sms = sms_providers(&settings.service.sms)?;
        let providers = Providers::new(sms.iter().map(|(name, _)| *name).collect());
        let (links, breaker) = (Links::new(link)?, Mutex::default());
        Ok(Self { mailer, sms, providers, links, clock, breaker })
    }

    /// Whom to ask, if anybody is asked at present.
    pub(crate) fn asked(&self, provider: Provider) -> Option<Provider> {
        let (mut breaker, now) = (self.breaker(), Instant::now());
        self.providers.instead(provider, |one| breaker.admits(one, now))
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn providers(&self) -> &Providers {
        &self.providers
    }

    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    /// Makes one attempt, and says what it means for each delivery. Takes 20 s at the most.
    pub(crate) async fn attempt(&self, job: Job) -> Vec<Finished> {
        let begun = Instant::now();
        let outcome = match job.parts.as_slice() {
            [Part { due, content }] => match due.channel {
                Channel::Email => self.mail(due, content).await,
                Channel::Sms => self.sms(due, content).await,
            },
            parts => self.digest(parts).await,
        };
        if let Some(Part { due, .. }) = job.parts.first() {
            self.breaker().saw(due.provider, &outcome, Instant::now());
            count(due, &outcome, begun);
        }
        let finished = job.parts.into_iter().map(|Part { due, .. }| {
            observe(&due, &outcome);
            let (alert, delivery, attempts) = (due.alert, due.id, due.attempts + 1);
            Finished { alert, delivery, attempts, outcome: outcome.clone() }
        });
        finished.collect()
    }

    async fn mail(&self, due: &Due, content: &Content) -> SendOutcome {
        let Some(to) = &due.email else {
            return SendOutcome::refused(true, Reason::NoAddress, None);
        };
        let (language, repeated) = (due.language, due.repeat);
        let (text, event) = match content {
            Content::Telling(telling) => {
                let link = &self.link(due);
                (templates::mail(&Message { telling, language, link, repeated }), None)
            }
            Content::Invitation(invitation) => {
                let event = itip::event(invitation, self.mailer.sender(), to);
                (templates::invitation_mail(invitation, language, repeated), Some(event))
            }
        };
        let Ok(text) = text else {
            return SendOutcome::refused(true, Reason::RequestRefused, None);
        };
        let (alerts, written_at) = (&[due.alert], self.clock.now());
        let event = event.as_ref();
        self.mailer.send(&OutgoingMail { to, text: &text, event, alerts, written_at }).await
    }

    /// One mail for several alerts to one recipient.
    async fn digest(&self, parts: &[Part]) -> SendOutcome {
        let to = parts.first().and_then(|part| part.due.email.as_ref());
        let Some(to) = to else {
            return SendOutcome::refused(true, Reason::NoAddress, None);
        };
        let links: Vec<String> = parts.iter().map(|part| self.link(&part.due)).collect();
        let messages = parts.iter().zip(&links).filter_map(|(part, link)| {
            let (language, repeated) = (part.due.language, part.due.repeat);
            match &part.content {
                Content::Telling(telling) => Some(Message { telling, language, link, repeated }),
                // It is a mail of its own, which a calendar reads.
                Content::Invitation(_) => None,
            }
        });
        let Ok(text) = templates::digest(&messages.collect::<Vec<_>>()) else {
            return SendOutcome::refused(true, Reason::RequestRefused, None);
        };
        let alerts: Vec<AlertId> = parts.iter().map(|part| part.due.alert).collect();
        let (alerts, written_at) = (&alerts, self.clock.now());
        self.mailer.send(&OutgoingMail { to, text: &text, event: None, alerts, written_at }).await
    }

    async fn sms(&self, due: &Due, content: &Content) -> SendOutcome {
        let Some(to) = &due.phone else {
            return SendOutcome::refused(true, Reason::NoAddress, None);
        };
        let found = self.sms.iter().find(|(name, _)| *name == due.provider);
        let Some((_, provider)) = found else {
            return SendOutcome::refused(false, Reason::NotSetUp, None);
        };
        let (language, repeated) = (due.language, due.repeat);
        let text = match content {
            Content::Telling(telling) => {
                let link = &self.link(due);
                templates::sms(&Message { telling, language, link, repeated })
            }
            Content::Invitation(invitation) => {
                templates::invitation_sms(invitation, language, repeated)
            }
        };
        let Ok(text) = text else {
            return SendOutcome::refused(true, Reason::RequestRefused, None);
        };
        provider.send(to, &text, &self.report_url(due)).await
    }

    fn link(&self, due: &Due) -> String {
        let Links { key, base, valid } = &self.links;
        let token = link::sign(key, due.id, self.clock.now() + *valid);
        format!("{base}/a/{token}")
    }

    fn report_url(&self, due: &Due) -> String {
        let Links { key, base, .. } = &self.links;
        let purpose = match due.provider {
            Provider::Kannel => Purpose::KannelReport,
            Provider::Elks | Provider::Smtp => Purpose::ElksReport,
        };
        let (provider, token) = (due.provider.as_str(), report::sign(key, purpose, due.id));
        format!("{base}/callbacks/sms/{provider}/{token}")
    }
}

fn sms_providers(settings: &crate::config::Sms) -> anyhow::Result<Vec<(Provider, sms::Provider)>> {
    let client = sms::http_client().context("make the HTTP client for SMS")?;
    let elks = settings.elks.clone();
    let elks = elks.map(|account| sms::Provider::Elks(elks::Elks::new(client.clone(), account)));
    let kannel = settings.kannel.clone();
    let kannel =
        kannel.map(|account| sms::Provider::Kannel(kannel::Kannel::new(client.clone(), account)));
    let in_order = settings.order.iter().filter_map(|carrier| {
        let provider = match carrier {
            Carrier::Elks => elks.clone(),
            Carrier::Kannel => kannel.clone(),
        };
        Some((Provider::from(*carrier), provider?))
    });
    Ok(in_order.collect())
}

/// Counts an attempt. A second copy counts when it may have gone out.
fn count(due: &Due, outcome: &SendOutcome, begun: Instant) {
    let (channel, provider) = (due.channel.as_str(), due.provider.as_str());
    if let SendOutcome::Accepted { parts, .. } = outcome
        && due.channel == Channel::Sms
    {
        metrics::counter!("hemgang_sms_parts_total", "provider" => provider)
            .increment(u64::try_from(*parts).unwrap_or(0));
    }
    metrics::counter!("hemgang_notifications_total",
        "channel" => channel, "provider" => provider, "outcome" => result(outcome))
    .increment(1);
    metrics::histogram!("hemgang_notification_attempt_seconds", "provider" => provider)
        .record(begun.elapsed());
    if due.repeat && !matches!(outcome, SendOutcome::Refused { .. }) {
        metrics::counter!("hemgang_notifications_repeats_total", "channel" => channel).increment(1);
    }
}

/// Notes what an attempt has meant for one alert. How long it took says nothing of one that waited for
/// its digest.
fn observe(due: &Due, outcome: &SendOutcome) {
    let (channel, provider) = (due.channel.as_str(), due.provider.as_str());
    match outcome {
        SendOutcome::Accepted { .. } if due.coming == Coming::InDigest => {}
        SendOutcome::Accepted { .. } => {
            let waited = (real_now() - due.raised_at).to_std().unwrap_or_default();
            metrics::histogram!("hemgang_notification_seconds", "channel" => channel)
                .record(waited);
        }
        SendOutcome::Refused { reason, .. } | SendOutcome::Unknown { reason } => {
            tracing::warn!(alert = %due.alert, trace = due.trace.id(), channel, provider,
                outcome = result(outcome), reason = reason.as_str(), "a message was not accepted");
        }
    }
}

const fn result(outcome: &SendOutcome) -> &'static str {
    match outcome {
        SendOutcome::Accepted { .. } => "accepted",
        SendOutcome::Refused { permanent: true, .. } => "refused",
        SendOutcome::Refused { .. } => "refused_for_now",
        SendOutcome::Unknown { .. } => "unknown",
    }
}
