import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { filterTerms } from "@/server/catalog/filter";
import { CSV_FORMAT, csvColumns, parquetFiles, type QueryEngine, writeParquet } from "@/server/columnar";
import { computedFields } from "@/server/db/derived-value";
import { ensurePartitions } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import { type Block, insertBlocks, makeBlockWriter } from "@/server/services/segment-blocks";
import { startRemoteEngine } from "@/server/testing/clickhouse";
import { setUpContext } from "@/server/testing/context";
import { DOCUMENTS, filterOf, HOSTILE_ROW, type HostileTable, TABLES } from "@/server/testing/hostile-filters";
import "@/server/testing/property-seed";
import type { LogFilters } from "../contract";
import { readFilters } from "../filters";

const dialect = new PgDialect();
let ctx: Context;
setUpContext((opened) => {
  ctx = opened;
});

const ROWS = 500;
const RUNS = Number(process.env.FILTER_RUNS ?? 30);

/** Rows are stored by SQL, because intake would reject or change some of them. */
async function fill(table: HostileTable): Promise<void> {
  const rows = fc.sample(
    fc.array<Record<string, unknown>>(HOSTILE_ROW[table], { minLength: ROWS, maxLength: ROWS, size: "max" }),
    {
      numRuns: 1,
      seed: 7,
    },
  );
  for (const [index, { details, minute, ...values }] of (rows[0] ?? []).entries()) {
    const names = Object.keys(values);
    const [document] = DOCUMENTS[table];
    await ctx.db.orm.execute(sql`
      insert into ${sql.identifier(browsedTables[table].tableName)}
        (id, created_at, ${sql.identifier(document)}, ${sql.join(
          names.map((name) => sql.identifier(name)),
          sql`, `,
        )})
      values (
        ${`00000000-0000-4000-8000-${String(index).padStart(12, "0")}`},
        ${new Date(Date.UTC(2026, 4, 1) + Number(minute) * 60_000).toISOString()},
        ${details}::text::jsonb,
        ${sql.join(
          names.map((name) => sql`${values[name]}`),
          sql`, `,
        )})`);
  }
}

const files = new Map<BrowsedTableName, string>();
/** ClickHouse, if it is installed, reads the same files as objects. */
let remote: QueryEngine | undefined;

/** Records a block of each row, as the only one of a segment with its ID. */
async function recordBlocks(table: HostileTable, blocks: readonly Block[]): Promise<void> {
  const { sql: run } = ctx.db;
  const rows = await run<{ id: string }[]>`select id from ${run(browsedTables[table].tableName)} order by id`;
  const ids = rows.map(({ id }) => id.replace(/^0/, String(TABLES.indexOf(table))));
  await run`
    insert into segments (id, log_table, store, path, starts_at, ends_at, row_count, size_bytes, sha256, layout)
    select unnest(${ids}::uuid[]), ${table}, '', '', now(), now(), 1, 1, '', 0`;
  for (const [index, id] of ids.entries()) await insertBlocks(run, id, blocks.slice(index, index + 1));
}

/** The rows in whose blocks there may be matching rows. */
async function inBlocks(table: HostileTable, blocks: SQL): Promise<string[]> {
  const rows = await ctx.db.read.execute<{ id: string }>(sql`
    select segment_id as id from segment_blocks join segments on segments.id = segment_id
    where log_table = ${table} and ${blocks}`);
  return rows.map(({ id }) => id.replace(/^./, "0"));
}

beforeAll(async () => {
  for (const name of TABLES) {
    const table = browsedTables[name];
    await ensurePartitions(ctx.db.sql, table.tableName, ["2026-05"]);
    await fill(name);
    const file = path.join(await ctx.columnar.makeFolder(), `${name}.parquet`);
    await ctx.db.sql.begin(async (tx) => {
      const rows = sql`select ${sql.raw(csvColumns(table))} from ${sql.identifier(table.tableName)} order by id`;
      const copy = await tx.unsafe(`copy (${dialect.sqlToQuery(rows).sql}) to stdout with ${CSV_FORMAT}`).readable();
      const blocks = makeBlockWriter(table, 1);
      await writeParquet(ctx.columnar, table, blocks.pass(copy), file, { computed: computedFields(table) });
      await recordBlocks(name, blocks.finish());
    });
    files.set(name, file);
  }
  remote = (await startRemoteEngine(ctx.config.dataDir))?.engine;
});

async function columnar(engine: QueryEngine, table: BrowsedTableName, conditions: readonly SQL[]): Promise<string[]> {
  const file = files.get(table) ?? "";
  const key = engine === ctx.columnar ? file : path.relative(ctx.config.dataDir, file);
  const rows = await engine.query(sql`
    select id
    from ${parquetFiles(browsedTables[table], [key])}
    where ${sql.join([...conditions], sql` and `)}
    order by id`);
  return rows.map(({ id }) => String(id));
}

function difference(found: readonly string[], expected: readonly string[]) {
  const missing = expected.filter((id) => !found.includes(id));
  return { missing, added: found.filter((id) => !expected.includes(id)) };
}

async function expectSame(table: HostileTable, filters: LogFilters): Promise<number> {
  const conditions = readFilters(browsedTables[table], filters, "UTC");
  const rows = await ctx.db.read.execute<{ id: string }>(sql`
    select id from ${sql.identifier(browsedTables[table].tableName)}
    where ${sql.join([...conditions.range, ...conditions.columns], sql` and `)}
    order by id`);
  const expected = rows.map(({ id }) => id);
  const all = [...conditions.range, ...conditions.columnar];
  const found = await columnar(ctx.columnar, table, all);
  expect(difference(found, expected)).toEqual({ missing: [], added: [] });
  if (remote) expect(difference(await columnar(remote, table, all), expected)).toEqual({ missing: [], added: [] });
  const candidates = conditions.blocks && (await inBlocks(table, conditions.blocks));
  if (candidates) expect(difference(candidates, found).missing).toEqual([]);
  return rows.length;
}

describe.each(TABLES)("Columns of %s return the same rows as PostgreSQL", (table) => {
  it(
    "for random filters over hostile rows",
    async () => {
      let found = 0;
      await fc.assert(
        fc.asyncProperty(filterOf(table), async (filter) => {
          fc.pre(filterTerms(filter) !== undefined);
          found += Math.sign(await expectSame(table, { filters: { filter } }));
        }),
        { numRuns: RUNS },
      );
      expect(found).toBeGreaterThan(0);
    },
    60_000 + 100 * RUNS,
  );
});

describe("Columns return the same rows as PostgreSQL for the parameters of lists", () => {
  it.each<LogFilters["filters"]>([
    { user_id: "login" },
    { not_user_id: "login" },
    { request_path: "100%" },
    { request_path: "a*" },
    { not_request_path: "支*" },
    { request_path: "*" },
    { ip_address: "10.0.0.0/8" },
    { not_ip_address: "::ffff:10.0.0.7" },
    { status_code: "4xx,200" },
    { not_status_code: "5xx" },
    { min_response_time: "1", max_response_time: "20" },
  ])("%j", async (filters) => {
    expect(
      await expectSame("access_logs", { filters, start_date: "2026-05-01", end_date: "2026-05-02" }),
    ).toBeGreaterThan(0);
  });
});
