-- The payment policies that were ever in use. A name stands for one text for ever.
create table payment_policy (
  file text primary key,
  text text not null,
  -- The first day on which notices follow it, when that is not its own `valid_from`.
  effective_from date
);
