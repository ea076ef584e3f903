import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { finishSteps } from "@/server/db/migrations/finish-steps";
import { readMigrations } from "@/server/db/migrations/read-migrations";
import { ensurePartitions } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { describeMachine, withBench } from "./harness";

const ROWS = Number(process.env.ROWS ?? 2_000_000);
const MONTHS = ["2026-05", "2026-06", "2026-07", "2026-08"];
const INDEX = "access_logs_values_idx";
const BATCH = 500;
const BASELINE_MS = 15_000;

/** Measures the step of a migration that builds the index for filters, and batches stored before and beside it. */
export async function benchUpgrade(): Promise<void> {
  await withBench({}, async ({ ctx, url }) => {
    const { sql } = ctx.db;
    await fill(ctx);
    const before = await storeDuring(ctx, () => sleep(BASELINE_MS));
    await sql`drop index ${sql(INDEX)}`;
    const statements = (await readMigrations()).flatMap((migration) => migration.statements);
    const statement = statements.findLast(({ text }) => text.startsWith(`CREATE INDEX "${INDEX}"`))?.text ?? "";
    await sql`insert into schema_steps (migration, statement) values ('bench', ${statement})`;
    const started = performance.now();
    const beside = await storeDuring(ctx, () =>
      finishSteps(url, sql, { log: pino({ level: "silent" }), signal: new AbortController().signal }),
    );
    const seconds = (performance.now() - started) / 1_000;
    const rate = Math.round((seconds / ROWS) * 10_000_000);
    process.stdout.write(`${describeMachine()}, ${ROWS} rows in ${MONTHS.length} months\n`);
    process.stdout.write(
      `${INDEX} built in ${seconds.toFixed(1)} s alongside intake (${rate} s per 10 million rows)\n`,
    );
    process.stdout.write(`batches of ${BATCH} before: ${before}\nbatches of ${BATCH} beside: ${beside}\n`);
  });
}

async function fill({ db: { sql } }: Context): Promise<void> {
  await ensurePartitions(sql, "access_logs", MONTHS);
  await sql`
    insert into access_logs
      (id, created_at, user_id, session_id, ip_address, request_path, request_method, status_code, response_time, browser, os)
    select gen_random_uuid(), '2026-05-01'::timestamptz + n * interval '123 days' / ${ROWS}::int,
      'user-' || n % 20000, md5((n / 20)::text), '203.0.113.1', '/path/' || n % 5000,
      (array['GET', 'POST'])[1 + n % 2], (array[200, 200, 200, 304, 404, 500])[1 + n % 6], n % 900,
      'browser ' || n % 40, 'os ' || n % 9
    from generate_series(0, ${ROWS - 1}::int) as n`;
  await sql`vacuum analyze access_logs`;
}

/** Stores batches for the current time until `work` ends. @returns the durations of the batches and of lock waits */
async function storeDuring(ctx: Context, work: () => Promise<unknown>): Promise<string> {
  const durations: number[] = [];
  let isEnded = false;
  const ended = work().finally(() => {
    isEnded = true;
  });
  let longestWait = 0;
  const sampling = (async () => {
    while (!isEnded) {
      const [wait] = await ctx.db.health<{ ms: number | null }[]>`
        select extract(epoch from max(clock_timestamp() - query_start))::float8 * 1000 as ms
        from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and application_name = 'bench'`;
      longestWait = Math.max(longestWait, wait?.ms ?? 0);
      await sleep(10);
    }
  })();
  for (let batch = 0; !isEnded; batch++) {
    const started = performance.now();
    await insertAccessLogs(
      ctx,
      Array.from({ length: BATCH }, (_, n) => ({
        created_at: new Date().toISOString(),
        user_id: `user-${n}`,
        ip_address: "203.0.113.7",
        request_path: `/batch/${batch}/${n}`,
        response_time: n,
      })),
    );
    durations.push(performance.now() - started);
    await sleep(50);
  }
  await Promise.all([ended, sampling]);
  durations.sort((a, b) => a - b);
  const at = (share: number) => Math.round(durations[Math.floor((durations.length - 1) * share)] ?? 0);
  return `${durations.length}, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms, longest wait for a lock ${Math.round(longestWait)} ms`;
}
