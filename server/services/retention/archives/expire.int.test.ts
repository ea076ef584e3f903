import { access } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Context } from "@/server/process/context";
import { cleanupParams, fillAccessLogs, jobRun, tableRows } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { cleanLogTable } from "../cleanup/clean-log-table";
import { runRestore } from "../restore/run-restore";

const DAY_MS = 86_400_000;
const RETENTION_DAYS = 30;
const ROWS = 54;

let opened: TestContext;
let ctx: Context;
/** PostgreSQL's time, which archives use. */
let start: number;

beforeAll(async () => {
  opened = await createTestContext({ env: { ARCHIVES_RETENTION_DAYS: String(RETENTION_DAYS) } });
  ctx = opened.context;
});
afterAll(() => opened?.close());
beforeEach(async () => {
  await setDatabaseClock(ctx.db.url, null);
  await ctx.db.sql`truncate access_logs, archives, archive_blocks, restored_periods, cleanup_tallies, watched_changes`;
  await fillAccessLogs(ctx, ["2020-05"], ROWS);
  start = Date.now();
});
afterEach(() => {
  vi.useRealTimers();
});

const clean = (given: { keep_restored?: boolean } = {}) =>
  cleanLogTable(ctx, "access_logs", jobRun(cleanupParams({ days_to_keep: 90, ...given })), { dropTimeout: 0 });

/** Advances PostgreSQL's clock; this process's clock is unchanged. */
const letPass = (days: number) => setDatabaseClock(ctx.db.url, new Date(start + days * DAY_MS));

async function archive() {
  const [row] = await ctx.db.sql<{ id: string; state: string; path: string }[]>`select id, state, path from archives`;
  const hasFile = await access(path.join(ctx.config.dataDir, row?.path ?? "")).then(
    () => true,
    () => false,
  );
  return { id: row?.id ?? "", state: row?.state, hasFile };
}

describe("the file of an archive", () => {
  test("is removed at the end of its retention, which is audited; its record remains", async () => {
    await clean();
    await letPass(RETENTION_DAYS - 1);
    await clean();
    expect(await archive()).toMatchObject({ state: "removed", hasFile: true });
    await letPass(RETENTION_DAYS + 1);
    await clean();
    const { id, ...expired } = await archive();
    expect(expired).toEqual({ state: "expired", hasFile: false });
    const audited = await ctx.db.sql`select actor_name, details from audit_log where action = 'archive.expire'`;
    expect(audited).toMatchObject([
      { actor_name: "system", details: { archive_id: id, table: "access_logs", month: "2020-05", rows: ROWS } },
    ]);
  });

  test("is retained in full after restored rows left the table again, because it is then the only copy", async () => {
    await clean();
    await runRestore(ctx, jobRun({ archive_id: (await archive()).id, keep_until: "9999-01-01" }));
    await letPass(RETENTION_DAYS + 10);
    await clean({ keep_restored: true });
    expect(await archive()).toMatchObject({ state: "pending", hasFile: true });
    // Manual cleanup deletes the rows.
    await clean();
    expect(await tableRows(ctx, "access_logs")).toEqual(new Map());
    expect(await archive()).toMatchObject({ state: "removed", hasFile: true });
    await letPass(2 * RETENTION_DAYS + 11);
    await clean();
    expect(await archive()).toMatchObject({ state: "expired", hasFile: false });
  });
});

describe("a process whose clock is 200 days ahead", () => {
  beforeEach(async () => {
    await ctx.db.sql`truncate access_logs`;
    await ctx.db.sql`
      insert into access_logs (id, created_at, ip_address, request_path)
      select gen_random_uuid(), now() - i * interval '1 minute', '203.0.113.7', '/new' from generate_series(1, 10) i`;
  });

  const ahead = () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 200 * DAY_MS });
    expect(ctx.now().getTime()).toBeGreaterThan(start + 199 * DAY_MS);
  };

  test("deletes no row and previews none", async () => {
    ahead();
    const dryRun = await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams({ dry_run: true })), {});
    expect(dryRun).toMatchObject({ matched_count: 0, preview: { matched_count: 0 } });
    expect(await clean()).toMatchObject({ matched_count: 0, deleted_count: 0, archive_files: [] });
    expect((await tableRows(ctx, "access_logs")).size).toBe(10);
  });

  test("removes no archive, and keeps restored rows for the requested time", async () => {
    await fillAccessLogs(ctx, ["2020-05"], ROWS);
    await clean();
    ahead();
    await clean();
    expect(await archive()).toMatchObject({ state: "removed", hasFile: true });
    const { keep_until } = await runRestore(ctx, jobRun({ archive_id: (await archive()).id }));
    expect(Date.parse(keep_until)).toBeLessThan(start + 31 * DAY_MS);
    expect(await clean({ keep_restored: true })).toMatchObject({ matched_count: 0, deleted_count: 0 });
  });
});
