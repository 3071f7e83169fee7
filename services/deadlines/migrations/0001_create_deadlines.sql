-- The ledger of a case, and when it is to be looked at again. The row is also the lock on the case:
-- whoever changes what is derived for a case takes it first, in id order.
create table ledger (
  case_id uuid primary key,
  -- Null until the case itself is known: facts that come before it wait.
  snapshot jsonb,
  -- What the passing of time needs besides.
  plan jsonb,
  -- The next instant at which something changes; null when nothing will.
  next_at timestamptz,
  -- The units that owe something.
  units text[] not null default '{}',
  -- How the duties stand, for the figures.
  notices integer not null default 0,
  open integer not null default 0,
  missed integer not null default 0,
  met integer not null default 0,
  met_late integer not null default 0,
  cancelled integer not null default 0,
  still_missed integer not null default 0,
  reminders integer not null default 0,
  escalations integer not null default 0
);
create index ledger_next on ledger (next_at) where next_at is not null;

-- What the other services last said of a case, as it came.
create table fact (
  case_id uuid not null references ledger,
  source text not null check (source in ('case', 'assignment', 'sip')),
  epoch integer not null,
  n bigint not null,
  snapshot jsonb not null,
  primary key (case_id, source)
);

-- Somebody has seen an alert about a duty.
create table acknowledgement (
  entry_id uuid primary key,
  case_id uuid not null,
  obligation_id uuid not null,
  at timestamptz not null
);
create index acknowledgement_case on acknowledgement (case_id);

-- When and how a unit can be reached.
create table reach (
  unit_id text primary key,
  epoch integer not null,
  n bigint not null,
  snapshot jsonb not null
);

-- The rulebooks that duties have followed. A name stands for one text for ever.
create table rulebook (
  file text primary key,
  digest bytea not null,
  text text not null,
  first_used_at timestamptz not null default now()
);
