-- What people write into the versions of a plan. A new version never loses an old one.
create table plan_goal (
  case_id uuid not null references known_case,
  version integer not null,
  position smallint not null,
  goal text not null,
  primary key (case_id, version, position)
);

create table plan_intervention (
  case_id uuid not null references known_case,
  version integer not null,
  position smallint not null,
  what text not null,
  party text not null,
  staff_id text not null,
  primary key (case_id, version, position)
);
