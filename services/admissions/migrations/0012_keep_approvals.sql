-- Which proposals of another track all who were asked have approved, and to which track: the ward carries
-- out no other. What was approved before this release is heard of again.
alter table known_assignment add column approved jsonb not null default '[]';
update known_assignment set epoch = 0, n = 0;
update messaging.consumed set missed = true;
