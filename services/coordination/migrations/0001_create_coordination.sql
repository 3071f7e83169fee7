-- The directory of units.
create table unit (
  unit_id text primary key,
  party text not null,
  serves text[] not null,
  active boolean not null,
  snapshot jsonb not null
);
create index unit_serves on unit using gin (serves) where active;

-- What admissions last said of a case. The row is also the lock on the case.
create table known_case (
  case_id uuid primary key,
  epoch integer not null,
  n bigint not null,
  snapshot jsonb not null
);

-- Who deals with a case: the published snapshot.
create table assignment (
  case_id uuid primary key references known_case,
  unrouted boolean not null,
  snapshot jsonb not null
);
create index assignment_unrouted on assignment (case_id) where unrouted;

-- The text of support reports stays here: no event holds it.
create table support_report (
  entry_id uuid primary key,
  case_id uuid not null references known_case,
  unit_id text not null,
  text text not null
);
