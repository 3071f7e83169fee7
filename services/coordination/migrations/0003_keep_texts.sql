-- What the parties have written: planning entries, motives and reasons, messages. It stays here; events
-- say only that there is something, and of what kind.
create table written (
  entry_id uuid primary key,
  case_id uuid not null,
  unit_id text not null,
  content json not null
);
create index written_case on written (case_id);

-- Annexes. Their formats are compressed already.
create table annex (
  entry_id uuid primary key,
  case_id uuid not null,
  name text not null,
  media_type text not null,
  content bytea not null
);
alter table annex alter column content set storage external;

-- Who has read what, on behalf of which unit.
create table access_log (
  id uuid primary key,
  case_id uuid not null,
  staff text not null,
  unit text not null,
  action text not null,
  at timestamptz not null
);
create index access_log_case on access_log (case_id, id);
