-- What a case and its entries are called follows from what the hospital sent, so that a message that
-- comes again after a restore makes the same case. The salt never leaves this database: without it an
-- id, which is published, tells nothing of the number in a hospital's message.
create table naming (
  one boolean primary key default true check (one),
  salt uuid not null default gen_random_uuid()
);
insert into naming default values;

-- Ids tell no order any more.
alter table hospital_case add column opened bigint;
update hospital_case c set opened = t.opened
  from (select case_id, row_number() over (order by case_id) as opened from hospital_case) t
 where t.case_id = c.case_id;
alter table hospital_case
  alter column opened set not null,
  alter column opened add generated always as identity;
select setval(pg_get_serial_sequence('hospital_case', 'opened'),
              (select coalesce(max(opened), 0) + 1 from hospital_case), false);
create unique index hospital_case_opened on hospital_case (opened);
drop index hospital_case_with_need;
create index hospital_case_with_need on hospital_case (opened) where with_need;
