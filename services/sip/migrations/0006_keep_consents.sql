-- What the patient said to a plan: what people wrote is read as far as that goes.
alter table known_case add column consents jsonb not null default '[]';
-- What was heard before this release is forgotten, and everything asked for once more.
update known_case set epoch = 0, n = 0;
update messaging.consumed set missed = true;
