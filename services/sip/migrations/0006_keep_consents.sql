-- What the patient last said to a plan: what people wrote is read as far as that goes. Null: never asked.
alter table known_case add column consent jsonb;
-- What was heard before this release is forgotten, and everything asked for once more.
update known_case set epoch = 0, n = 0;
update messaging.consumed set missed = true;
