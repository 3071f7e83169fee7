-- What people write about a meeting: it stays here and is never published.
create table meeting_text (
  meeting_id uuid primary key,
  case_id uuid not null references known_case,
  place text not null
);
create index on meeting_text (case_id);

-- The names of the patient's own people.
create table participant_text (
  participant_id uuid primary key,
  case_id uuid not null references known_case,
  name text not null
);
create index on participant_text (case_id);

-- Who has read what people wrote about a patient, ids only.
create table access_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  staff_id text not null,
  unit_id text not null,
  what text not null,
  case_id uuid references known_case
);
create index on access_log (case_id);
