alter table raw_message
  -- A message that ends or takes back something of a stay that is not known waits for it: the
  -- hospital, and the same digest as in hospital_case.
  add column hospital text,
  add column case_key bytea,
  -- The sender's id of the delivery (Nats-Msg-Id), for a receipt that goes out later.
  add column message_id text,
  -- The id of a receipt that is yet to be published: the message was handled once more.
  add column receipt_due uuid,
  -- The address that a message over MLLP came from.
  add column peer text;
create index raw_message_waiting on raw_message (hospital, case_key) where case_key is not null;
create index raw_message_receipt_due on raw_message (id) where receipt_due is not null;
-- Accepted, and something was left out.
create index raw_message_warned on raw_message (id) where outcome = 'accepted' and faults <> '[]';
