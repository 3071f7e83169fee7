-- How far a month's figures have been counted. Numbers alone, added up over cases: which cases they
-- were is not kept. What small numbers stand in it leaves the service in no answer.
create table statistics (
  month date primary key,
  -- How what is counted was counted: another way begins anew.
  formula integer not null,
  -- The last case that was looked at.
  after uuid not null,
  looked_at bigint not null,
  unread bigint not null,
  sums json not null,
  -- When the first case was looked at, and the last; null while there are more.
  begun_at timestamptz not null,
  counted_at timestamptz
);
