import { open, readFile, rm, truncate } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { openColumnarEngine } from "@/server/columnar";
import { ensurePartitions } from "@/server/db/partitions";
import { COMMAND_LINE, type Context, principalKey } from "@/server/process/context";
import { takeDirtyHours } from "@/server/services/overview";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import { writeAllSegments } from "@/server/services/segments/write-all";
import { cleanupParams, jobRun } from "@/server/testing/cleanup";
import { startRemoteEngine, type TestRemote, withRemoteEngine } from "@/server/testing/clickhouse";
import { columnarProcesses } from "@/server/testing/columnar-process";
import { setUpContext } from "@/server/testing/context";
import { setDatabaseClock } from "@/server/testing/database-clock";
import "@/server/testing/property-seed";
import { computeAnswer } from "@/server/testing/explore/compute-answer";
import { type ExploredRow, randomQuery, randomRows } from "@/server/testing/explore/random-queries";
import { type ExploreAnswer, type ExploreInput, exploreQuery } from "./contract";
import { explorer } from "./explorer";
import { runQuery } from "./query";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

const RUNS = Number(process.env.EXPLORE_RUNS ?? 6);
/** Both changes of clocks in New York in 2026. */
const CHANGES = [Date.UTC(2026, 2, 8, 7), Date.UTC(2026, 10, 1, 6)];

/** Rows before 2026-03-09, in the middle of those around the first change, are archived. */
const NOW = new Date("2026-11-20T00:00:00Z");
const DAYS_TO_KEEP = 256;

/** ClickHouse, if it is installed, which reads the same segments as objects. */
let clickhouse: TestRemote | undefined;

let rows: readonly ExploredRow[] = [];
let stored: ReadonlySet<string> = new Set();

beforeAll(async () => {
  await setDatabaseClock(ctx.db.url, NOW);
  rows = randomRows(CHANGES);
  for (const month of ["2026-02", "2026-03", "2026-10", "2026-11"])
    await ensurePartitions(ctx.db.sql, "access_logs", [month]);
  const insert = async (some: readonly ExploredRow[]) => {
    await ctx.db.sql`
      insert into access_logs (id, created_at, ip_address, request_path, user_agent, referer, user_id, status_code, response_time, extra)
      select (row ->> 'id')::uuid, (row ->> 'created_at')::timestamptz, (row ->> 'ip_address')::inet, row ->> 'request_path',
        row ->> 'user_agent', row ->> 'referer', row ->> 'user_id', (row ->> 'status_code')::int,
        (row ->> 'response_time')::int, (row ->> 'extra')::jsonb
      from jsonb_array_elements(${JSON.stringify(some)}::text::jsonb) as row`;
    await ctx.db.sql`insert into dirty_ranges (log_table, starts_at, ends_at)
      select 'access_logs', (row ->> 'created_at')::timestamptz, (row ->> 'created_at')::timestamptz + interval '1 microsecond'
      from jsonb_array_elements(${JSON.stringify(some)}::text::jsonb) as row`;
  };
  // Rows that arrive after segments were written make their hours dirty.
  await insert(rows.filter((_, index) => index % 12 !== 0));
  await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams({ days_to_keep: DAYS_TO_KEEP })), { dropTimeout: 0 });
  expect(await writeAllSegments(ctx)).toBe(true);
  await insert(rows.filter((_, index) => index % 12 === 0));
  await takeDirtyHours(ctx);
  const kept = await ctx.db.sql<{ id: string }[]>`select id from access_logs`;
  stored = new Set(kept.map(({ id }) => id));
  clickhouse = await startRemoteEngine(ctx.config.dataDir);
});

/** What an answer states about the rows. */
function statedBy(answer: ExploreAnswer) {
  const { columns, rows: found, others, others_by_time, totals, group_count, rows_matched } = answer;
  return {
    columns: columns.map(({ name }) => name),
    rows: found,
    others,
    others_by_time,
    totals,
    group_count,
    rows_matched,
  };
}

it("answers every query exactly as the rows themselves do, digit for digit, with archived rows and without", async () => {
  await fc.assert(
    fc.asyncProperty(randomQuery(CHANGES), async (input: ExploreInput) => {
      const query = exploreQuery.parse(input);
      const known = query.include_archived ? rows : rows.filter(({ id }) => stored.has(id));
      const expected = computeAnswer(known, query);
      expect(statedBy(await explorer(ctx, COMMAND_LINE).query(query))).toEqual(expected);
      if (clickhouse) expect(statedBy(await runQuery(withRemoteEngine(ctx, clickhouse), query))).toEqual(expected);
    }),
    { numRuns: RUNS },
  );
  if (clickhouse) expect(clickhouse.queries.length).toBeGreaterThan(0);
}, 3_600_000);

const QUESTION = exploreQuery.parse({
  table: "access_logs",
  start_date: "2026-10-29T00:00:00.000Z",
  end_date: "2026-11-04T00:00:00.000Z",
  time_zone: "America/New_York",
  measures: [{ fn: "count" }, { fn: "p95", field: "response_time" }, { fn: "distinct", field: "user_id" }],
  group_by: ["route", "status_code"],
  interval: "1d",
  limit: 5,
  compare: "previous",
});
const expectExact = async (on: Context = ctx) =>
  expect(statedBy(await runQuery(on, QUESTION))).toEqual(computeAnswer(rows, QUESTION));

/** The same context, whose first statements never end. @param during called when one of them has begun */
function endless(statements: number, during: () => void): { on: Context; ended: () => number } {
  let begun = 0;
  let ended = 0;
  const stream: typeof ctx.columnar.stream = (statement, options) => {
    if (++begun > statements) return ctx.columnar.stream(statement, options);
    return (async function* () {
      let isFirst = true;
      try {
        for await (const _ of ctx.columnar.stream(sql`select i from range(1000000000000) as t (i)`, options)) {
          if (isFirst) during();
          isFirst = false;
        }
        yield [];
      } finally {
        ended++;
      }
    })();
  };
  return { on: { ...ctx, columnar: { ...ctx.columnar, stream } }, ended: () => ended };
}

it("answers although the engine is killed during a query, and says so if it is killed again", async () => {
  const kill = () => {
    for (const pid of columnarProcesses()) process.kill(pid, "SIGKILL");
  };
  await expectExact(endless(1, kill).on);
  await expect(runQuery(endless(2, kill).on, QUESTION)).rejects.toMatchObject({ code: "columnar.engine_failed" });
  await expectExact();
});

it("ends a running query when its caller has left, so that others' turns come", async () => {
  const caller = new AbortController();
  const { on, ended } = endless(1, () => caller.abort());
  const query = { ...QUESTION, limit: 6 };
  await expect(explorer(on, COMMAND_LINE, caller.signal).query(query)).rejects.toMatchObject({
    code: "request.aborted",
  });
  await expect.poll(ended).toBe(1);
  // Both turns of the user are free.
  const other = new AbortController();
  let begun = 0;
  const both = [1, 2].map(async () => {
    const options = { user: principalKey(COMMAND_LINE), signal: other.signal };
    for await (const _ of ctx.columnar.stream(sql`select i from range(1000000000000) as t (i)`, options))
      if (++begun >= 2) other.abort();
  });
  for (const { status } of await Promise.allSettled(both)) expect(status).toBe("rejected");
});

const TOO_LARGE = sql`select len(list(hash(i))) from range(20000000) as t (i)`;

it("states which limit a query exceeds, and answers the next one", async () => {
  const limits = { memoryBytes: 380_000_000, temporaryBytes: 1_000_000 };
  const config = { ...ctx.config, explore: { ...ctx.config.explore, ...limits } };
  const engine = openColumnarEngine(config, ctx.log);
  for (const [statement, code] of [
    [TOO_LARGE, "columnar.out_of_memory"],
    [
      sql`
        select max(n), max(r)
        from (select row_number() over (order by hash(i)) as n, row(hash(i + 1), hash(i + 2)) as r from range(9000000) as t (i))`,
      "columnar.no_temporary_space",
    ],
  ] as const) {
    const columnar = { ...engine, stream: () => engine.stream(statement) };
    await expect(runQuery({ ...ctx, columnar }, QUESTION)).rejects.toMatchObject({ code });
  }
  await expectExact({ ...ctx, columnar: engine });
  await engine.close();
});

it("counts distinct values exactly although not all of them fit into memory at once", async () => {
  const explore = { ...ctx.config.explore, memoryBytes: 380_000_000 };
  const engine = openColumnarEngine({ ...ctx.config, explore }, ctx.log);
  const ranked: typeof QUESTION = {
    ...QUESTION,
    interval: null,
    order_by: { measure: 2, direction: "desc" },
    limit: 3,
  };
  for (const [query, distinctStatement] of [
    [QUESTION, 3],
    [ranked, 2],
  ] as const) {
    let number = 0;
    const stream: typeof engine.stream = (statement, options) =>
      engine.stream(++number === distinctStatement ? TOO_LARGE : statement, options);
    const answer = await runQuery({ ...ctx, columnar: { ...engine, stream } }, query);
    expect(statedBy(answer)).toEqual(computeAnswer(rows, query));
    expect(number).toBeGreaterThan(distinctStatement + 3);
  }
  await engine.close();
});

it("reads rows from PostgreSQL on a machine that does not have the files of segments", async () => {
  await ctx.db.sql`update segments set store = 'disk:' || gen_random_uuid() where store = ${ctx.files.current.id}`;
  await expectExact();
  await ctx.db.sql`update segments set store = ${ctx.files.current.id}`;
});

it.each([
  ["truncated", (file: string) => truncate(file, 1_000)],
  ["missing", (file: string) => rm(file)],
  [
    "modified",
    async (file: string) => {
      const bytes = await readFile(file);
      const handle = await open(file, "r+");
      await handle.write(Buffer.from([~(bytes[bytes.length >> 1] ?? 0)]), 0, 1, bytes.length >> 1);
      await handle.close();
    },
  ],
] as const)("answers exactly although the files of segments are %s", async (_, damage) => {
  expect(await writeAllSegments(ctx)).toBe(true);
  const segments = await ctx.db.sql<{ path: string }[]>`
    select distinct path from segments join segment_hours on segment_id = id
    where dirty_seq is null and ends_at > ${QUESTION.start_date ?? ""}`;
  expect(segments.length).toBeGreaterThan(0);
  for (const segment of segments) await damage(path.join(ctx.config.dataDir, segment.path));
  await expectExact();
  const valid = await ctx.db.sql`
    select from segments join segment_hours on segment_id = id
    where dirty_seq is null and path in ${ctx.db.sql(segments.map((segment) => segment.path))}`;
  expect(valid).toHaveLength(0);
});
