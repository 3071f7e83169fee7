-- Up to when the sweep has let time pass over a ledger, having made sure that every proof recorded
-- before had arrived. Until a due is behind it, nothing says that the duty was missed.
alter table ledger add column passed_at timestamptz;
