-- Events of this service that the broker does not take (sequence 0) are kept once per aggregate, and
-- settled when the aggregate is published after all.
alter table messaging.dead_letter
  add column aggregate text,
  -- Who last asked for it to be replayed, or gave it up.
  add column asked_by text,
  add column discarded_at timestamptz;
create unique index dead_letter_parked on messaging.dead_letter (stream, subject, aggregate)
  where sequence = 0 and replayed_at is null and discarded_at is null;
drop index messaging.dead_letter_open;
create index dead_letter_open on messaging.dead_letter (stream, sequence)
  where replayed_at is null and discarded_at is null;
