-- The messaging schema lies in every service's database, beside the service's own tables.

-- What this database is: its epoch rises when it is restored to an earlier moment.
create table messaging.self (
  one boolean primary key default true check (one),
  epoch integer not null default 1
);
insert into messaging.self default values;

-- The outbox: one row per aggregate with its newest snapshot. A change that is overtaken before it
-- was published need not be published: the newer snapshot holds it.
create table messaging.outbox (
  subject text not null,
  aggregate text not null,
  n bigint not null,
  kind text not null,
  data text not null,
  live boolean not null,
  event_id uuid not null,
  traceparent text,
  written_at timestamptz not null,
  changed_at timestamptz not null default now(),
  -- The place in the queue; null once published.
  position bigint,
  -- The place from which it has been waiting without a break.
  waiting_from bigint,
  primary key (subject, aggregate)
);
create sequence messaging.outbox_position;
create index outbox_unpublished on messaging.outbox (position) where position is not null;

-- Up to where this service's stream holds what was published.
create table messaging.published (
  stream text primary key,
  incarnation uuid not null,
  sequence bigint not null
);

-- Up to where a stream of others was handled, to notice what expired unseen.
create table messaging.consumed (
  stream text primary key,
  incarnation uuid not null,
  sequence bigint not null
);

-- What could not be handled. Somebody must mend the cause and replay it.
create table messaging.dead_letter (
  id uuid primary key,
  stream text not null,
  sequence bigint not null,
  subject text not null,
  message_id text,
  payload bytea not null,
  reason text not null,
  set_aside_at timestamptz not null default now(),
  replay_requested_at timestamptz,
  replayed_at timestamptz
);
create index dead_letter_open on messaging.dead_letter (stream, sequence) where replayed_at is null;

-- Answers to commands: the same id gets the same answer.
create table messaging.command (
  id uuid primary key,
  verb text not null,
  digest bytea not null,
  refused boolean,
  answer text,
  answered_at timestamptz not null default now()
);
create index command_answered_at on messaging.command (answered_at);
