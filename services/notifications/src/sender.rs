//! Writes a message and hands it to whoever carries it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Context;
use chassis::config::Settings;
use chassis::{Clock, real_now};
use chrono::TimeDelta;

use crate::config::{Carrier, Own};
use crate::deliver::{Content, Job};
use crate::domain::breaker::Breaker;
use crate::domain::delivery::{Channel, Provider, Providers};
use crate::domain::signing::{Purpose, SigningKey};
use crate::domain::{link, report};
use crate::itip;
use crate::mail::{Mailer, OutgoingMail};
use crate::outcome::{Reason, SendOutcome};
use crate::settle::Finished;
use crate::sms::{self, elks, kannel};
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

    /// Makes one attempt. Takes 20 s at the most.
    pub(crate) async fn attempt(&self, job: Job) -> Finished {
        let begun = Instant::now();
        let outcome = match job.due.channel {
            Channel::Email => self.mail(&job).await,
            Channel::Sms => self.sms(&job).await,
        };
        self.breaker().saw(job.due.provider, &outcome, Instant::now());
        count(&job, &outcome, begun);
        Finished {
            alert: job.due.alert,
            delivery: job.due.id,
            attempts: job.due.attempts + 1,
            outcome,
        }
    }

    async fn mail(&self, job: &Job) -> SendOutcome {
        let Some(to) = &job.due.email else {
            return SendOutcome::refused(true, Reason::NoAddress, None);
        };
        let (language, repeated) = (job.due.language, job.due.repeat);
        let (text, event) = match &job.content {
            Content::Telling(telling) => {
                let link = &self.link(job);
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
        let (alert, written_at) = (job.due.alert, self.clock.now());
        let event = event.as_ref();
        self.mailer.send(&OutgoingMail { to, text: &text, event, alert, written_at }).await
    }

    async fn sms(&self, job: &Job) -> SendOutcome {
        let Some(to) = &job.due.phone else {
            return SendOutcome::refused(true, Reason::NoAddress, None);
        };
        let found = self.sms.iter().find(|(name, _)| *name == job.due.provider);
        let Some((_, provider)) = found else {
            return SendOutcome::refused(false, Reason::NotSetUp, None);
        };
        let (language, repeated) = (job.due.language, job.due.repeat);
        let text = match &job.content {
            Content::Telling(telling) => {
                let link = &self.link(job);
                templates::sms(&Message { telling, language, link, repeated })
            }
            Content::Invitation(invitation) => {
                templates::invitation_sms(invitation, language, repeated)
            }
        };
        let Ok(text) = text else {
            return SendOutcome::refused(true, Reason::RequestRefused, None);
        };
        provider.send(to, &text, &self.report_url(job)).await
    }

    fn link(&self, job: &Job) -> String {
        let Links { key, base, valid } = &self.links;
        let token = link::sign(key, job.due.id, self.clock.now() + *valid);
        format!("{base}/a/{token}")
    }

    fn report_url(&self, job: &Job) -> String {
        let Links { key, base, .. } = &self.links;
        let purpose = match job.due.provider {
            Provider::Kannel => Purpose::KannelReport,
            Provider::Elks | Provider::Smtp => Purpose::ElksReport,
        };
        let (provider, token) = (job.due.provider.as_str(), report::sign(key, purpose, job.due.id));
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
fn count(job: &Job, outcome: &SendOutcome, begun: Instant) {
    let (channel, provider) = (job.due.channel.as_str(), job.due.provider.as_str());
    let result = match outcome {
        SendOutcome::Accepted { parts, .. } => {
            if job.due.channel == Channel::Sms {
                metrics::counter!("hemgang_sms_parts_total", "provider" => provider)
                    .increment(u64::try_from(*parts).unwrap_or(0));
            }
            let waited = (real_now() - job.due.raised_at).to_std().unwrap_or_default();
            metrics::histogram!("hemgang_notification_seconds", "channel" => channel)
                .record(waited);
            "accepted"
        }
        SendOutcome::Refused { permanent: true, .. } => "refused",
        SendOutcome::Refused { .. } => "refused_for_now",
        SendOutcome::Unknown { .. } => "unknown",
    };
    metrics::counter!("hemgang_notifications_total",
        "channel" => channel, "provider" => provider, "outcome" => result)
    .increment(1);
    metrics::histogram!("hemgang_notification_attempt_seconds", "provider" => provider)
        .record(begun.elapsed());
    if job.due.repeat && !matches!(outcome, SendOutcome::Refused { .. }) {
        metrics::counter!("hemgang_notifications_repeats_total", "channel" => channel).increment(1);
    }
    if let SendOutcome::Refused { reason, .. } | SendOutcome::Unknown { reason } = outcome {
        tracing::warn!(alert = %job.due.alert, trace = job.due.trace.id(), channel, provider,
            outcome = result, reason = reason.as_str(), "a message was not accepted");
    }
}
