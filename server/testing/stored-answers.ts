import { expect } from "vitest";
import type { Context } from "@/server/process/context";
import { exploreQuery } from "@/server/services/explore/contract";
import { runQuery } from "@/server/services/explore/query";
import type { LogFilters, LogRow } from "@/server/services/logs/contract";
import { countLogs } from "@/server/services/logs/count";
import { logHistogram } from "@/server/services/logs/histogram";
import { listLogs } from "@/server/services/logs/list-logs";

/** An access log as PostgreSQL has it. */
export interface StoredRow {
  readonly id: string;
  /** With six digits of a second, in UTC. */
  readonly created_at: string;
  readonly ip_address: string;
  readonly request_path: string;
  readonly user_id: string | null;
  readonly extra: Readonly<Record<string, unknown>> | null;
}

export interface Question {
  readonly filters: NonNullable<LogFilters["filters"]>;
  /** The same condition, computed without SQL. */
  readonly matches: (row: StoredRow) => boolean;
}

/** Reads the rows of access_logs from PostgreSQL, by key. */
export async function storedRows(ctx: Context): Promise<Map<string, StoredRow>> {
  const rows = await ctx.db.sql<StoredRow[]>`
    select
      id, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
      host(ip_address) as ip_address, request_path, user_id, extra
    from access_logs`;
  return new Map(rows.map((row) => [keyOf(row), row]));
}

const keyOf = ({ created_at, id }: Pick<StoredRow, "created_at" | "id">) => `${created_at} ${id}`;

/** Expects that list, count, histogram and query over stored and archived rows answer with exactly these rows. */
export async function expectAnswers(
  ctx: Context,
  { filters, matches }: Question,
  stored: readonly StoredRow[],
): Promise<void> {
  const rows = stored.filter(matches).toSorted((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
  const selection = { filters, include_archived: true };
  expect((await listed(ctx, selection)).map(readRow)).toEqual(rows);
  expect(await countLogs(ctx, "access_logs", { ...selection, mode: "exact" })).toMatchObject({ count: rows.length });
  const { total, buckets } = await logHistogram(ctx, "access_logs", { ...selection, buckets: 40 });
  expect([total, buckets.reduce((sum, { count }) => sum + count, 0)]).toEqual([rows.length, rows.length]);
  const { filter, ...others } = filters;
  const query = { table: "access_logs", group_by: ["request_path"], limit: 100, include_archived: true } as const;
  const counts = await runQuery(ctx, exploreQuery.parse({ ...query, filter, filters: others }));
  const paths = new Map<string, number>();
  for (const { request_path: path } of rows) paths.set(path, (paths.get(path) ?? 0) + 1);
  expect(counts.rows.map((row) => JSON.stringify(row)).sort()).toEqual(
    [...paths].map((row) => JSON.stringify(row)).sort(),
  );
  expect(counts.totals).toEqual([rows.length]);
}

/** Reads all pages, which are smaller than most answers. */
async function listed(ctx: Context, selection: LogFilters): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listLogs(ctx, "access_logs", {
      ...selection,
      page_size: 100,
      count: "none",
      ...(cursor && { cursor }),
    });
    rows.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return rows;
}

function readRow({ id, created_at, ip_address, request_path, user_id, extra }: LogRow): StoredRow {
  return { id, created_at, ip_address, request_path, user_id, extra } as StoredRow;
}
