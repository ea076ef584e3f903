import { rm } from "node:fs/promises";
import path from "node:path";
import { beforeAll, beforeEach } from "vitest";
import type { Context } from "@/server/process/context";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import type { CleanupOptions } from "@/server/services/retention/cleanup/cleanup-types";
import type { CleanupParams } from "@/server/services/retention/contract";
import { cleanupParams, fillAccessLogs, jobRun } from "./cleanup";
import { setUpContext } from "./context";
import { setDatabaseClock } from "./database-clock";
import { withoutColumnarEngine } from "./failing-engine";

/** With a retention of 90 days the cutoff is 2026-08-03: May to July are dropped, August is deleted in part. */
export const NOW = new Date("2026-11-01T00:00:00Z");
const MONTHS = ["2026-05", "2026-06", "2026-08", "2026-09"];
export const PER_MONTH = 540;
/** 27 days of rows, 20 a day: those of the first two days of August have expired. */
export const EXPIRED = 2 * PER_MONTH + 39;

/**
 * Runs the tests of a file in a separate database, with four months of access logs, no archives and the time NOW
 * before each test.
 */
export function setUpFilledLogs(use: (ctx: Context) => void) {
  const context = setUpContext(use, { env: { CLEANUP_BATCH_SIZE: "7" } });
  beforeAll(() => setDatabaseClock(context().db.url, NOW));
  beforeEach(async () => {
    const { db, config } = context();
    await db.sql`truncate access_logs, archives, archive_blocks, restored_periods, cleanup_tallies, watched_changes`;
    await rm(path.join(config.dataDir, "archives"), { recursive: true, force: true });
    await fillAccessLogs(context(), MONTHS, PER_MONTH);
  });
  return {
    clean: (params: Partial<CleanupParams> = {}, options: CleanupOptions = { dropTimeout: 0 }) =>
      cleanLogTable(context(), "access_logs", jobRun(cleanupParams(params)), options),
    cleanToCsv: async (params: Partial<CleanupParams> = {}) => {
      const withoutEngine = await withoutColumnarEngine(context());
      return await cleanLogTable(withoutEngine, "access_logs", jobRun(cleanupParams(params)), { dropTimeout: 0 });
    },
    archiveIds: async () => {
      const rows = await context().db.sql<{ id: string }[]>`select id from archives order by month, created_at`;
      return rows.map(({ id }) => id);
    },
    partitions: async () => {
      const rows = await context().db.sql<{ name: string }[]>`
        select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'access_logs'::regclass`;
      return rows.map(({ name }) => name);
    },
  };
}
