-- Whether the alert's cause still holds, as the newest ledger has it.
alter table alert add column holds boolean not null default true;
-- Of what was told before nobody knows it; a ledger that changes says so again.
update alert set holds = state = 'queued';
create index alert_wanting on alert (state, raised_at)
  where holds and state in ('queued', 'failed', 'unresolved');

-- The recipient's address was refused for good, and nothing has been taken for it since.
alter table contact_point
  add column email_bad boolean not null default false,
  add column phone_bad boolean not null default false;

-- Since when nothing has changed (real time), and whether the case's alerts were removed since.
alter table known_ledger
  add column changed_at timestamptz not null default now(),
  add column purged boolean not null default false;
create index known_ledger_kept on known_ledger (changed_at) where not purged;
