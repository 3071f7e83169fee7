-- What admissions last said of a case. The row is also the lock on the case.
create table known_case (
  case_id uuid primary key,
  epoch integer not null,
  n bigint not null,
  ended boolean not null
);

-- The plan of a case: the published snapshot.
create table sip (
  case_id uuid primary key references known_case,
  snapshot jsonb not null
);
