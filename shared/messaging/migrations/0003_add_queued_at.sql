-- Since when a snapshot has been waiting to be published; real time, for alarms.
alter table messaging.outbox add column queued_at timestamptz not null default now();
