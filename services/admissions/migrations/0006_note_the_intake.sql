-- Up to where this database holds what came over the broker's intake: everything up to the sequence
-- was taken in before the row was written. A database that was restored to an earlier moment says less
-- than the broker believes, and what is between is read again. A new one holds nothing.
create table intake_seen (
  one boolean primary key default true check (one),
  incarnation uuid not null,
  sequence bigint not null
);
insert into intake_seen (incarnation, sequence)
  select '00000000-0000-0000-0000-000000000000', 0
   where not exists (select from raw_message);
