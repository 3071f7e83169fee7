//! The faults: their names, what each does, and on which ground it is played.

mod strike;

pub(crate) use strike::{Blow, Scars, strike};

use std::fmt;

/// Whose process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Process {
    Service(&'static str),
    Broker,
    Postgres,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    Nats,
    Postgres,
    Smtp,
    Sms,
}

impl To {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nats => "nats",
            Self::Postgres => "postgres",
            Self::Smtp => "smtp",
            Self::Sms => "sms",
        }
    }
}

/// What is wrong with a link for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Cut,
    OneWay,
    Silent,
    Slow,
    Reset,
}

/// What becomes of commits for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
    Lost,
    Unanswered,
    Killed,
}

/// What a provider does for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Refuses,
    Hangs,
    Slow,
    Loses,
    Cuts,
}

/// What is wrong with delivery reports for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reports {
    Late,
    Twice,
    False,
    Missing,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Nothing: what must hold of a system that is left alone.
    Nothing,
    Kill(Process),
    Stop(Process),
    /// It stands still, and is killed then: what it was told meanwhile is lost.
    Freeze(Process),
    StoreDeleted,
    StorePutBack,
    StreamDeleted,
    ConsumersDeleted,
    Link(How, To),
    Commit(Commit),
    Provider(Manner, To),
    Reports(Reports),
    /// Domain time steps by so many minutes.
    Clock(i64),
    /// Domain time goes through the night of a change.
    Night,
    /// Random processes of several of each service are killed or stand still.
    Replicas,
    Restore(&'static str),
    DiskFull,
}

/// What a world must be like for a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ground {
    Usual,
    Replicas(usize),
    Autumn,
    Spring,
    SmallDisk,
}

/// A fault by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) what: What,
    pub(crate) ground: Ground,
    pub(crate) words: &'static str,
}

const fn usual(name: &'static str, what: What, words: &'static str) -> Fault {
    Fault { name, what, ground: Ground::Usual, words }
}

const fn on(ground: Ground, name: &'static str, what: What, words: &'static str) -> Fault {
    Fault { name, what, ground, words }
}

const KILLED: &str = "killed by SIGKILL at a random moment and started again";
const STOPPED: &str = "stopped by SIGSTOP for a while";
const FROZEN: &str =
    "stands still for a while and is killed then: what it was told meanwhile is lost";
const LINK_CUT: &str = "one service's link is cut: connections are reset, new ones too";
const LINK_ONE_WAY: &str = "one service's link is silent in one direction";
const LINK_SILENT: &str = "one service's link is silent in both directions";
const LINK_SLOW: &str = "every piece on one service's link takes up to a second longer";
const LINK_RESET: &str = "connections of one service are reset in the middle of a frame";
const RESTORED: &str = "its database is put back to an earlier moment, and everything said again";

use Process::{Broker, Postgres, Service};

/// All faults, in the order in which they are played.
pub(crate) const ALL: &[Fault] = &[
    usual("nothing", What::Nothing, "nothing is broken: what must hold anyway"),
    usual("kill-admissions", What::Kill(Service("admissions")), KILLED),
    usual("kill-coordination", What::Kill(Service("coordination")), KILLED),
    usual("kill-sip", What::Kill(Service("sip")), KILLED),
    usual("kill-deadlines", What::Kill(Service("deadlines")), KILLED),
    usual("kill-notifications", What::Kill(Service("notifications")), KILLED),
    usual("stop-admissions", What::Stop(Service("admissions")), STOPPED),
    usual("stop-coordination", What::Stop(Service("coordination")), STOPPED),
    usual("stop-sip", What::Stop(Service("sip")), STOPPED),
    usual("stop-deadlines", What::Stop(Service("deadlines")), STOPPED),
    usual("stop-notifications", What::Stop(Service("notifications")), STOPPED),
    usual("kill-broker", What::Kill(Broker), KILLED),
    usual("stop-broker", What::Stop(Broker), STOPPED),
    usual("freeze-broker", What::Freeze(Broker), FROZEN),
    usual("kill-postgres", What::Kill(Postgres), KILLED),
    usual("stop-postgres", What::Stop(Postgres), STOPPED),
    usual("freeze-postgres", What::Freeze(Postgres), FROZEN),
    usual("store-deleted", What::StoreDeleted, "the broker is killed and loses its whole store"),
    usual("store-put-back", What::StorePutBack, "the broker's store is put back from earlier"),
    usual(
        "stream-deleted",
        What::StreamDeleted,
        "one service's stream is deleted (none can be purged)",
    ),
    usual("consumers-deleted", What::ConsumersDeleted, "all durables of one stream are deleted"),
    usual("link-cut-nats", What::Link(How::Cut, To::Nats), LINK_CUT),
    usual("link-one-way-nats", What::Link(How::OneWay, To::Nats), LINK_ONE_WAY),
    usual("link-silent-nats", What::Link(How::Silent, To::Nats), LINK_SILENT),
    usual("link-slow-nats", What::Link(How::Slow, To::Nats), LINK_SLOW),
    usual("link-reset-nats", What::Link(How::Reset, To::Nats), LINK_RESET),
    usual("link-cut-postgres", What::Link(How::Cut, To::Postgres), LINK_CUT),
    usual("link-one-way-postgres", What::Link(How::OneWay, To::Postgres), LINK_ONE_WAY),
    usual("link-silent-postgres", What::Link(How::Silent, To::Postgres), LINK_SILENT),
    usual("link-slow-postgres", What::Link(How::Slow, To::Postgres), LINK_SLOW),
    usual("link-reset-postgres", What::Link(How::Reset, To::Postgres), LINK_RESET),
    usual("commit-lost", What::Commit(Commit::Lost), "links break just before a commit arrives"),
    usual(
        "commit-unanswered",
        What::Commit(Commit::Unanswered),
        "links break after a commit, before its answer",
    ),
    usual(
        "commit-killed",
        What::Commit(Commit::Killed),
        "Postgres is killed while a transaction commits",
    ),
    usual("link-cut-smtp", What::Link(How::Cut, To::Smtp), "the link to the mail server is cut"),
    usual(
        "link-silent-smtp",
        What::Link(How::Silent, To::Smtp),
        "the link to the mail server is silent",
    ),
    usual(
        "link-reset-smtp",
        What::Link(How::Reset, To::Smtp),
        "connections to the mail server are reset in mid-frame",
    ),
    usual("link-cut-sms", What::Link(How::Cut, To::Sms), "the link to the SMS gateway is cut"),
    usual(
        "link-silent-sms",
        What::Link(How::Silent, To::Sms),
        "the link to the SMS gateway is silent",
    ),
    usual(
        "link-reset-sms",
        What::Link(How::Reset, To::Sms),
        "connections to the SMS gateway are reset in mid-frame",
    ),
    usual(
        "smtp-refuses",
        What::Provider(Manner::Refuses, To::Smtp),
        "the mail server refuses for now (451)",
    ),
    usual(
        "smtp-hangs",
        What::Provider(Manner::Hangs, To::Smtp),
        "the mail server takes a mail and never answers",
    ),
    usual(
        "smtp-slow",
        What::Provider(Manner::Slow, To::Smtp),
        "the mail server answers after seconds",
    ),
    usual(
        "smtp-loses",
        What::Provider(Manner::Loses, To::Smtp),
        "the mail server accepts and drops",
    ),
    usual(
        "smtp-cuts",
        What::Provider(Manner::Cuts, To::Smtp),
        "the mail server delivers and hangs up instead of answering",
    ),
    usual("sms-refuses", What::Provider(Manner::Refuses, To::Sms), "the SMS gateway fails (503)"),
    usual("sms-hangs", What::Provider(Manner::Hangs, To::Sms), "the SMS gateway never answers"),
    usual(
        "sms-slow",
        What::Provider(Manner::Slow, To::Sms),
        "the SMS gateway answers after seconds",
    ),
    usual("sms-loses", What::Provider(Manner::Loses, To::Sms), "the SMS gateway accepts and drops"),
    usual(
        "sms-cuts",
        What::Provider(Manner::Cuts, To::Sms),
        "the SMS gateway delivers and hangs up instead of answering",
    ),
    usual("reports-late", What::Reports(Reports::Late), "delivery reports come seconds late"),
    usual("reports-twice", What::Reports(Reports::Twice), "every delivery report comes twice"),
    usual("reports-false", What::Reports(Reports::False), "what has arrived is reported as failed"),
    usual("reports-missing", What::Reports(Reports::Missing), "no delivery report comes"),
    usual("clock-minutes-forward", What::Clock(10), "domain time steps ten minutes forward"),
    usual(
        "clock-minutes-back",
        What::Clock(-10),
        "domain time steps ten minutes back, and a process starts then",
    ),
    usual("clock-hour-forward", What::Clock(60), "domain time steps an hour forward"),
    usual(
        "clock-hour-back",
        What::Clock(-60),
        "domain time steps an hour back, and a process starts then",
    ),
    usual("restore-coordination", What::Restore("coordination"), RESTORED),
    usual("restore-sip", What::Restore("sip"), RESTORED),
    usual("restore-deadlines", What::Restore("deadlines"), RESTORED),
    usual("restore-notifications", What::Restore("notifications"), RESTORED),
    usual("restore-admissions", What::Restore("admissions"), RESTORED),
    on(
        Ground::Replicas(2),
        "replicas-2",
        What::Replicas,
        "two of each service; random ones are killed or stopped",
    ),
    on(
        Ground::Replicas(3),
        "replicas-3",
        What::Replicas,
        "three of each service; random ones are killed or stopped",
    ),
    on(Ground::Autumn, "night-autumn", What::Night, "the night with one hour more"),
    on(Ground::Spring, "night-spring", What::Night, "the night with one hour less"),
    on(
        Ground::SmallDisk,
        "disk-full",
        What::DiskFull,
        "the disk of broker and database is full (a tmpfs; needs root)",
    ),
];

impl Fault {
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|fault| fault.name == name).copied()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
