// Fires timers of graphile-worker that write one row each, as fast as it can with its local queue and
// completions in batches, which its documentation recommends where speed matters.
import { run, runMigrations } from "graphile-worker";
import pg from "pg";

const connectionString = process.env.PEER_URL;
const count = Number(process.env.PEER_COUNT);
const pool = new pg.Pool({ connectionString, max: 20 });

await runMigrations({ pgPool: pool });
await pool.query("create table fired (id bigint primary key, at timestamptz not null default now())");
// A thousand in a transaction: each job updates the row of its task, whose old versions pile up in one.
for (let first = 1; first <= count; first += 1000) {
  await pool.query(
    `select count(graphile_worker.add_job('fire', json_build_object('id', id), run_at := now()))
       from generate_series($1::bigint, $2::bigint) id`,
    [first, Math.min(first + 999, count)],
  );
}
await pool.query("analyze");

let fired = 0;
let done;
const all = new Promise((resolve) => (done = resolve));
const fire = async ({ id }, { query }) => {
  await query("insert into fired (id) values ($1)", [id]);
  fired += 1;
  if (fired === count) done();
};

const begun = performance.now();
const runner = await run({
  pgPool: pool,
  taskList: { fire },
  noHandleSignals: true,
  logger: undefined,
  preset: {
    worker: {
      concurrentJobs: 16,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});
await all;
const seconds = (performance.now() - begun) / 1000;
const { rows } = await pool.query("select count(*)::int as rows from fired");
await runner.stop();
await pool.end();
console.log(JSON.stringify({ fired: rows[0].rows, seconds }));
