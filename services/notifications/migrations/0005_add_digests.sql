-- The times in Sweden at which a contact point's news come together in one mail; none: at once.
alter table contact_point add column digest time[] not null default '{}';

-- Since when a mail may go as part of a digest, in domain time: the only one of this table that is not
-- real time.
alter table delivery add column digest_at timestamptz;
create index delivery_digest on delivery (digest_at) where state = 'queued' and digest_at is not null;

-- What waits for a digest is not among what is due at once.
drop index delivery_due;
create index delivery_due on delivery (channel, next_attempt_at)
  where state = 'queued' and digest_at is null;
