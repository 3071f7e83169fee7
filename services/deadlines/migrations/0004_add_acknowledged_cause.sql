-- The step whose alert was acknowledged.
alter table acknowledgement add column cause_id uuid;
