-- Who can be told, by unit and role. No constraint looks at an address: the server's log would
-- show it when one fails.
create table contact_point (
  contact_point_id uuid primary key,
  unit_id text not null,
  role text not null,
  name text not null,
  email text,
  phone text,
  language text not null,
  -- False once an import no longer names it: old alerts still point here.
  active boolean not null
);
create index contact_point_by_role on contact_point (unit_id, role) where active;
create index contact_point_by_unit on contact_point (unit_id) where active;

-- When and in which roles a unit can be reached: the published snapshot.
create table unit_reach (
  unit_id text primary key,
  snapshot jsonb not null
);

-- What deadlines last said of a case. The row is also the lock on the case.
create table known_ledger (
  case_id uuid primary key,
  epoch integer not null,
  n bigint not null,
  snapshot jsonb not null
);

-- The steps and news whose alerts have been made. Contact points that are imported later never get
-- alerts about old ones.
create table cause (
  cause_id uuid primary key,
  case_id uuid not null
);

-- One logical alert: one cause told to one recipient. Whoever locks a delivery holds its alert.
create table alert (
  alert_id uuid primary key,
  case_id uuid not null,
  cause_id uuid not null,
  unit_id text not null,
  contact_point_id uuid not null,
  state text not null,
  acknowledged boolean not null default false,
  trace text not null,
  -- Real time.
  raised_at timestamptz not null default now(),
  -- The published snapshot.
  snapshot jsonb not null
);
create index alert_by_case on alert (case_id);
create index alert_unsent on alert (case_id) where state = 'queued';
create index alert_standing on alert (state, acknowledged);

-- One alert by one channel; a second row per channel for the one message that may be a second copy.
-- All times are real time.
create table delivery (
  delivery_id uuid primary key,
  alert_id uuid not null references alert,
  channel text not null,
  -- Who was asked last, or is asked next.
  provider text not null,
  -- An earlier message of this alert may have arrived.
  repeat boolean not null,
  state text not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  lease_until timestamptz,
  provider_id text,
  parts integer,
  reason text,
  unique (alert_id, channel, repeat)
);
create index delivery_due on delivery (channel, next_attempt_at) where state = 'queued';
create index delivery_carried on delivery (channel) where state in ('accepted', 'delivered');
create index delivery_leased on delivery (channel, lease_until) where state = 'attempting';
