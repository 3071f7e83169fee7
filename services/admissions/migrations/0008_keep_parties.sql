-- Beside each unit that a case is routed to, the party for which it is: consent can be for some only.
alter table known_assignment add column parties text[] not null default '{}';
