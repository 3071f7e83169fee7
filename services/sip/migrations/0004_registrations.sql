-- Registrations of the contact, by the day of the meeting: what a month's list is made from. The
-- snapshot has them too.
create table registration (
  entry_id uuid primary key,
  case_id uuid not null references known_case,
  held_on date not null,
  unit_id text not null,
  staff_id text not null,
  visit_type text not null,
  owner boolean not null
);
create index on registration (unit_id, held_on, entry_id);
