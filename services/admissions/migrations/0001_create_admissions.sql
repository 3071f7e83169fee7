-- Every message from a hospital as it came, whatever became of it. The one place, beside patient,
-- that holds what identifies a patient.
create table raw_message (
  id uuid primary key,
  -- The registered sender; null when nobody is registered under what the message claims.
  sender text,
  -- The token in the subject, where a message comes under one.
  claimed text,
  channel text not null check (channel in ('nats', 'mllp', 'http')),
  form text not null check (form in ('hl7', 'document', 'truncated', 'unknown')),
  -- The sender's own id of the message.
  control_id text,
  digest bytea not null,
  body bytea not null,
  -- Real time.
  received_at timestamptz not null default now(),
  outcome text not null check (outcome in ('accepted', 'duplicate', 'not_used', 'refused')),
  -- What is wrong with it, by field; never a value.
  faults jsonb not null,
  case_id uuid,
  -- The same sender had used the id for another body.
  flagged boolean not null
);
-- The same message: the same sender, id and body. Its first part finds another body under an id.
create unique index raw_message_known
  on raw_message (coalesce(sender, claimed, ''), coalesce(control_id, ''), digest);
create index raw_message_refused on raw_message (id) where outcome = 'refused';

-- The case: what is published of it. The row is also the lock on the case.
create table hospital_case (
  case_id uuid primary key,
  hospital text not null,
  -- The digest of what tells one stay from another: a key holds an identity number at some hospitals,
  -- and a violated index prints its key.
  case_key bytea not null,
  case_ref text not null unique,
  with_need boolean not null,
  snapshot jsonb not null,
  -- When the newest statement of each fact was made.
  stated jsonb not null,
  unique (hospital, case_key)
);
create index hospital_case_with_need on hospital_case (case_id) where with_need;

-- Who the patient is: never published.
create table patient (
  case_id uuid primary key references hospital_case,
  identity_kind text,
  identity_value text,
  identity_authority text,
  name text,
  address text,
  diagnoses jsonb,
  protected boolean not null,
  municipality text,
  care_centre text,
  check ((identity_kind is null) = (identity_value is null))
);

-- Which units a case is routed to, as coordination last said.
create table known_assignment (
  case_id uuid primary key,
  epoch integer not null,
  n bigint not null,
  units text[] not null
);

-- Who has looked at what, on whose behalf.
create table access_log (
  id uuid primary key,
  case_id uuid not null,
  staff text not null,
  unit text not null,
  action text not null,
  at timestamptz not null
);
create index access_log_case on access_log (case_id, id);
