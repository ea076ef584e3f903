import { readFile } from "node:fs/promises";
import path from "node:path";
import Papa from "papaparse";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { runExport } from "@/server/services/exports";
import { archivedIds, cleanupParams, fillAccessLogs, jobRun, tableRows } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { type FrozenProxy, startFrozenProxy } from "@/server/testing/frozen-proxy";
import { cleanLogTable } from "./clean-log-table";

/** With a retention of 90 days the cutoff is 2020-08-03: May and June are dropped, of August two days are deleted. */
const NOW = new Date("2020-11-01T00:00:00Z");
const MONTHS = ["2020-05", "2020-06", "2020-08"];
/** Many blocks of the export, so that it can be paused midway. */
const PER_MONTH = 5_400;
const ALL = MONTHS.length * PER_MONTH;
const EXPIRED = 2 * PER_MONTH + 2 * (PER_MONTH / 27) - 1;

let opened: TestContext;
let ctx: Context;
/** A proxy between the export and PostgreSQL. */
let proxy: FrozenProxy;

beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  await setDatabaseClock(ctx.db.url, NOW);
  proxy = await startFrozenProxy(Number(new URL(ctx.db.url).port));
});
afterAll(async () => {
  await proxy?.close();
  await opened?.close();
});
beforeEach(async () => {
  await ctx.db.sql`truncate access_logs, archives, archive_blocks, restored_periods, cleanup_tallies, watched_changes`;
  await fillAccessLogs(ctx, MONTHS, PER_MONTH);
});

/**
 * Starts an export of every row and pauses it midway.
 * @returns a function that resumes it and returns the ids in its file
 */
async function exportHalfWay(): Promise<() => Promise<string[]>> {
  const url = Object.assign(new URL(ctx.db.url), { hostname: "127.0.0.1", port: String(proxy.port) });
  let isPaused = false;
  const exporting = runExport(
    { ...ctx, db: { ...ctx.db, url: url.href } },
    jobRun(
      { export_type: "access_logs", format: "csv", filters: {}, compress: "none", bom: false },
      {
        progress: ({ done }) => {
          if (done === 0 || isPaused) return;
          isPaused = true;
          proxy.freeze();
        },
      },
    ),
  );
  await expect.poll(() => isPaused).toBe(true);
  return async () => {
    proxy.thaw();
    const { file_path, row_count } = await exporting;
    const text = await readFile(path.join(ctx.config.dataDir, file_path), "utf8");
    const { data } = Papa.parse<{ id: string }>(text, { header: true, newline: "\r\n", skipEmptyLines: true });
    expect(row_count).toBe(ALL);
    return data.map(({ id }) => id).sort();
  };
}

const idsInTable = async () => [...(await tableRows(ctx, "access_logs")).keys()].sort();
const clean = (options = {}) => cleanLogTable(ctx, "access_logs", jobRun(cleanupParams()), options);

test("a cleanup that does not wait for an export of the same rows succeeds, and the export contains all of them", async () => {
  const before = await idsInTable();
  const resume = await exportHalfWay();
  expect(await clean({ dropTimeout: 0 })).toMatchObject({
    matched_count: EXPIRED,
    deleted_count: EXPIRED,
    archived_count: EXPIRED,
    partitions_dropped: 0,
  });
  expect(await idsInTable()).toHaveLength(ALL - EXPIRED);
  expect(await resume()).toEqual(before);
  expect(await clean()).toMatchObject({ matched_count: 0, partitions_dropped: 2 });
});

test("a cleanup that waits drops the months after the export ended, and the export contains all of them", async () => {
  const before = await idsInTable();
  const resume = await exportHalfWay();
  const cleaning = clean();
  const isArchived = async () => (await ctx.db.sql`select from archives where state = 'pending'`).count === 1;
  await expect.poll(isArchived).toBe(true);
  expect(await idsInTable()).toHaveLength(ALL);
  expect(await resume()).toEqual(before);
  expect(await cleaning).toMatchObject({ deleted_count: EXPIRED, archived_count: EXPIRED, partitions_dropped: 2 });
  expect([...(await idsInTable()), ...(await archivedIds(ctx, "access_logs"))].sort()).toEqual(before);
});
