-- How often everything was asked to be said again, and how often that has been done: a request stands
-- until it is done, whoever dies meanwhile.
alter table messaging.self
  add column resync_asked bigint not null default 0,
  add column resync_done bigint not null default 0;
