-- The first day on which duties follow a file that came late: after its own valid_from, when duties
-- had arisen already. What those follow is not changed behind their back. Null: its valid_from.
alter table rulebook add column effective_from date;
