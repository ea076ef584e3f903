import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { replayDeadLetters } from "@/server/services/dead-letters";
import { ingest, insertAccessLogs } from "@/server/services/intake";
import { type JobRun, UNFENCED } from "@/server/services/jobs";
import { runCleanup, runRestore } from "@/server/services/retention";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { auditEvents, ipv6Log, type SampleLog, textOf } from "@/server/testing/sample-logs";
import { countAllTraffic, countDirtyDay, takeDirtyHours } from "./count-traffic";
import { LATENCY_BOUNDS } from "./dimensions";

/** Berlin ended DST at 2015-10-25 01:00 UTC; the offset of Kathmandu is not a whole hour. */
const ZONES = ["Europe/Berlin", "Asia/Kathmandu"];

let opened: TestContext;
let ctx: Context;

beforeAll(async () => {
  opened = await createTestContext({ env: { APP_TIMEZONE: "Europe/Berlin", CLEANUP_BATCH_SIZE: "300" } });
  ctx = opened.context;
});
afterAll(() => opened?.close());

function jobRun<P>(params: P): JobRun<P> {
  const signal = new AbortController().signal;
  return {
    id: crypto.randomUUID(),
    params,
    requestedBy: "test",
    attempt: 1,
    signal,
    fence: UNFENCED,
    progress: () => {},
  };
}

async function load(log: SampleLog, table: LogTableName): Promise<void> {
  const body = Readable.from([Buffer.from(textOf(log))]);
  await ingest(ctx, table, body, { format: "auto", mode: "direct", source: log.name });
}

/** The rows as counted by the roll-ups, and by independent statements; both as sorted lines. */
async function bothCounts(of: Context, table: LogTableName): Promise<[string[], string[]]> {
  const { tableName } = logTables[table];
  const zone = of.config.timeZone;
  const isAccess = table === "access_logs";
  const groupings: [grain: string, dimension: string, value: string, where: string][] = [
    ["slot", "all", "''", "true"],
    ["hour", "all", "''", "true"],
    ["day", "all", "''", "true"],
    ["hour", "user", "user_id", "user_id is not null"],
    ["day", "user", "user_id", "user_id is not null"],
    ...(isAccess
      ? ([
          ["hour", "path", "left(request_path, 256)", "true"],
          ["day", "path", "left(request_path, 256)", "true"],
          ["day", "status", "status_code::text", "status_code is not null"],
          ["slot", "class", "(status_code / 100) || 'xx'", "status_code is not null"],
        ] as [string, string, string, string][])
      : ([["day", "action", "action", "true"]] as [string, string, string, string][])),
  ];
  const rolled: string[] = [];
  const direct: string[] = [];
  for (const [grain, dimension, value, where] of groupings) {
    const period =
      grain === "slot"
        ? "date_bin('5 minutes', created_at, '2000-01-01Z')"
        : `date_trunc('${grain}', created_at, '${zone}')`;
    const line = `'${grain} ${dimension} ' || at || ' ' || value || ': ' || rows || ' ' || time_sum`;
    const known = await of.db.sql.unsafe<{ line: string }[]>(
      `select ${line} as line from traffic where log_table = $1 and grain = $2 and dimension = $3`,
      [table, grain, dimension],
    );
    const counted = await of.db.sql.unsafe<{ line: string }[]>(
      `select ${line} as line from (
         select ${period} as at, ${value} as value, count(*) as rows,
           coalesce(sum(${isAccess ? "response_time" : "null::int"}), 0) as time_sum
         from ${tableName} where ${where} group by 1, 2
       ) as counted`,
    );
    rolled.push(...known.map((row) => row.line));
    direct.push(...counted.map((row) => row.line));
  }
  return [rolled.sort(), direct.sort()];
}

async function expectEqual(of = ctx): Promise<void> {
  await countAllTraffic(of);
  for (const table of LOG_TABLE_NAMES) {
    const [rolled, direct] = await bothCounts(of, table);
    expect(rolled).toEqual(direct);
  }
}

test("Counts by slot, hour and day match the rows through late rows, duplicates, dead letters, cleanup and restore", async () => {
  await load(ipv6Log(), "access_logs");
  await load(auditEvents(), "user_activities");
  await expectEqual();
  expect((await bothCounts(ctx, "access_logs"))[0].length).toBeGreaterThan(500);

  // Again, with late rows around the end of DST, when an hour occurs twice.
  await load(ipv6Log(), "access_logs");
  await expectEqual();
  const around = (minute: number) => new Date(Date.parse("2025-10-25T22:00:00Z") + minute * 60_000).toISOString();
  const result = await insertAccessLogs(ctx, [
    ...Array.from({ length: 600 }, (_, minute) => ({
      ip_address: "203.0.113.7",
      request_path: `/late/${minute % 7}`,
      response_time: minute * 70,
      country: "Germany",
      region: minute % 2 === 0 ? "Berlin" : "",
      user_id: `u${minute % 11}`,
      created_at: around(minute),
    })),
    { ip_address: "203.0.113.7", created_at: around(1) },
  ]);
  expect(result).toMatchObject({ inserted: 600, rejected: 1 });
  await expectEqual();

  const [letter] = await ctx.db.sql<
    { id: string }[]
  >`select id from dead_letters where payload like '%203.0.113.7%' limit 1`;
  const edited = JSON.stringify({ ip_address: "203.0.113.7", request_path: "/edited", created_at: around(2) });
  await replayDeadLetters(ctx, { ids: [letter?.id ?? ""] }, COMMAND_LINE, edited);
  await expectEqual();

  for (const archive of [true, false]) {
    for (const table of LOG_TABLE_NAMES) {
      const params = {
        task_type: table,
        days_to_keep: archive ? 400 : 0,
        dry_run: false,
        archive,
        keep_restored: false,
      };
      await runCleanup(ctx, jobRun(params));
      await expectEqual();
    }
    if (!archive) break;
    const archives = await ctx.db.sql<{ id: string }[]>`select id from archives where state <> 'writing'`;
    expect(archives.length).toBeGreaterThan(0);
    for (const { id } of archives) await runRestore(ctx, jobRun({ archive_id: id }));
    await expectEqual();
  }
});

test.each(ZONES)("After a change of APP_TIMEZONE to %s, hours and days are recounted in it", async (timeZone) => {
  await insertAccessLogs(
    ctx,
    Array.from({ length: 300 }, (_, index) => ({
      ip_address: "203.0.113.9",
      request_path: `/zone/${timeZone}/${index % 3}`,
      created_at: new Date(Date.parse("2026-03-28T20:00:00Z") + index * 300_000).toISOString(),
    })),
  );
  await expectEqual({ ...ctx, config: { ...ctx.config, timeZone } });
});

test("A row that arrives while its hour is being counted is not missed", async () => {
  const event = (path: string) => ({
    ip_address: "203.0.113.8",
    request_path: path,
    created_at: "2026-05-05T05:05:05Z",
  });
  await insertAccessLogs(ctx, [event("/before")]);
  await takeDirtyHours(ctx);
  await insertAccessLogs(ctx, [event("/after the mark was taken")]);
  while (await countDirtyDay(ctx));
  await expectEqual();
});

test("Response times are counted by the bounds that percentiles are computed from", async () => {
  const day = "2026-06-06";
  await insertAccessLogs(
    ctx,
    [...LATENCY_BOUNDS.flatMap((bound) => [bound, bound + 1]), null].map((time, index) => ({
      ip_address: "203.0.113.8",
      request_path: "/timed",
      response_time: time,
      created_at: `${day}T12:${String(index).padStart(2, "0")}:00Z`,
    })),
  );
  await countAllTraffic(ctx);
  const counted = await ctx.db.sql<{ value: string; rows: string }[]>`
    select value, rows from traffic
    where log_table = 'access_logs' and grain = 'day' and dimension = 'latency'
      and at >= ${`${day}T00:00:00Z`}::timestamptz - interval '3 hours' and at < ${`${day}T23:00:00Z`}::timestamptz
    order by value::int`;
  expect(counted.map(({ value, rows }) => [Number(value), Number(rows)])).toEqual(
    [...LATENCY_BOUNDS, null].map((_, index) => [index, index === 0 || index === LATENCY_BOUNDS.length ? 1 : 2]),
  );
});
