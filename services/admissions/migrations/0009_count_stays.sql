-- When the stay began, for how often a patient has come of late; null when the admission never was, and
-- of stays from before this release: reading all snapshots would hold up the intake, and in three months
-- they do not count any more.
alter table patient add column began timestamptz;
-- Not unique: a violated index would print its key.
create index patient_stays on patient (identity_value, began)
  where identity_value is not null and began is not null;
