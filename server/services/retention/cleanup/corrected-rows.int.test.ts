import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { aborted } from "@/server/process/stop-signal";
import { insertUserActivities } from "@/server/services/intake";
import { archivedVersions, cleanupParams, jobRun, tableVersions } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { verifyArchive } from "../archives/verify";
import type { CleanupParams } from "../contract";
import { runRestore } from "../restore/run-restore";
import { cleanLogTable } from "./clean-log-table";
import type { CleanupOptions } from "./cleanup-types";

/** With a retention of 180 days all of January has expired. */
const NOW = new Date("2025-09-01T00:00:00Z");
const DAYS = Array.from({ length: 10 }, (_, index) => `2025-01-${String(index + 1).padStart(2, "0")}`);

let opened: TestContext;
let ctx: Context;

beforeAll(async () => {
  opened = await createTestContext({ env: { CLEANUP_BATCH_SIZE: "3" } });
  ctx = opened.context;
  await setDatabaseClock(ctx.db.url, NOW);
});
afterAll(() => opened?.close());
beforeEach(async () => {
  await ctx.db.sql`
    truncate user_activity_logs, archives, archive_blocks, restored_periods, cleanup_tallies, restore_tallies, watched_changes`;
  await rm(path.join(ctx.config.dataDir, "archives"), { recursive: true, force: true });
  expect(await ingest("orig")).toMatchObject({ inserted: 10 });
});

/** Ten activities with the same keys each time. */
const ingest = (name: string, days: readonly string[] = DAYS) =>
  insertUserActivities(
    ctx,
    days.map((day) => ({
      id: `00000000-0000-4000-8000-0000000000${day.slice(8)}`,
      created_at: `${day}T08:00:00.123456Z`,
      user_id: `${name}${Number(day.slice(8)) - 1}`,
      action: "sign",
    })),
  );

const clean = (params: Partial<CleanupParams> = {}, options: CleanupOptions = {}) =>
  cleanLogTable(
    ctx,
    "user_activities",
    jobRun(cleanupParams({ task_type: "user_activities", days_to_keep: 180, ...params })),
    { dropTimeout: 0, ...options },
  );

const archiveIds = async () =>
  (await ctx.db.sql<{ id: string }[]>`select id from archives order by created_at`).map(({ id }) => id);

const restore = async (given: { start_date?: string; end_date?: string } = {}, index = 0) =>
  runRestore(ctx, jobRun({ archive_id: (await archiveIds())[index] ?? "", ...given }));

/** The users of the rows in the table and in all archives, with repetitions. */
async function users() {
  const position = 2;
  const of = (versions: string[]) => versions.map((text) => (JSON.parse(text) as string[])[position] ?? "").sort();
  return {
    table: of(await tableVersions(ctx, "user_activities")),
    archived: of(await archivedVersions(ctx, "user_activities")),
  };
}

const named = (name: string, count = 10) => Array.from({ length: count }, (_, index) => `${name}${index}`);

describe("an archived row that was stored again with other content", () => {
  test("is archived again before it is deleted, after a part of the archive was restored", async () => {
    expect(await clean()).toMatchObject({ deleted_count: 10, archived_count: 10 });
    expect(await restore({ start_date: "2025-01-05", end_date: "2025-01-05" })).toMatchObject({ restored_count: 1 });
    expect(await ingest("FIXED")).toMatchObject({ inserted: 9, duplicates: 1 });
    expect(await clean()).toMatchObject({ matched_count: 10, deleted_count: 10, archived_count: 9 });
    expect(await users()).toEqual({
      table: [],
      archived: [...named("FIXED").filter((name) => name !== "FIXED4"), ...named("orig")].sort(),
    });
  });

  test("is archived again after a cleanup that was cancelled midway", async () => {
    const control = new AbortController();
    const stopped = cleanLogTable(
      ctx,
      "user_activities",
      jobRun(cleanupParams({ task_type: "user_activities", days_to_keep: 233 }), { signal: control.signal }),
      {
        dropTimeout: 0,
        onStep: (step) => {
          if (step === "batch committed") control.abort();
        },
      },
    );
    await expect(stopped).rejects.toMatchObject({ result: { deleted_count: 3 } });
    expect(await ingest("FIXED")).toMatchObject({ inserted: 3 });
    expect(await clean()).toMatchObject({ deleted_count: 10 });
    const { table, archived } = await users();
    expect(table).toEqual([]);
    expect(archived).toEqual([...named("FIXED", 3), ...named("orig")].sort());
  });

  test("remains when it arrives between archiving and deletion, and is deleted by the next cleanup", async () => {
    await clean(
      { days_to_keep: 233 },
      {
        onStep: async (step) => {
          if (step !== "archive complete") return;
          // As by an undone import: removed, and imported again with another interpretation.
          await ctx.db.sql`delete from user_activity_logs where user_id = 'orig1'`;
          await ingest("FIXED", DAYS.slice(1, 2));
        },
      },
    );
    expect((await users()).table).toContain("FIXED1");
    expect(await clean()).toMatchObject({ archived_count: expect.any(Number) });
    const { table, archived } = await users();
    expect(table).toEqual([]);
    expect(archived).toEqual([...named("orig"), "FIXED1"].sort());
  });

  test("is counted separately by a restore and not overwritten", async () => {
    await clean();
    await restore({ start_date: "2025-01-05", end_date: "2025-01-05" });
    await ingest("FIXED", DAYS.slice(0, 3));
    expect(await restore()).toMatchObject({
      matched_count: 10,
      restored_count: 6,
      present_count: 1,
      different_count: 3,
    });
    expect((await users()).table).toEqual([...named("FIXED", 3), ...named("orig").slice(3)].sort());
  });

  test("is not dropped with its partition because of an earlier archive", async () => {
    // The partition is emptied in batches, since it is in use: it remains, and so does its archive.
    const use = new AbortController();
    const using = ctx.db.sql.begin(async (tx) => {
      await tx`select 1 from user_activity_logs limit 1`;
      await aborted(use.signal);
    });
    const onStep: CleanupOptions["onStep"] = async (step) => {
      if (step !== "archive removed") return;
      use.abort();
      await using;
    };
    expect(await clean({}, { onStep })).toMatchObject({ deleted_count: 10, partitions_dropped: 0 });
    await ingest("FIXED");
    // The next cleanup fails after it started to record changes.
    const folder = path.join(ctx.config.dataDir, "archives/user_activities");
    await rename(folder, `${folder}.moved`);
    await writeFile(folder, "in the way");
    await expect(clean()).rejects.toMatchObject({ cause: { kind: "UNAVAILABLE" } });
    await rm(folder);
    await rename(`${folder}.moved`, folder);
    expect(await restore()).toMatchObject({ restored_count: 0, different_count: 10 });
    expect(await clean()).toMatchObject({ deleted_count: 10, archived_count: 10 });
    expect(await users()).toEqual({ table: [], archived: [...named("FIXED"), ...named("orig")].sort() });
  });
});

describe("an archive that cannot be read while its rows are in the table again", () => {
  test("does not permit their deletion: they are archived again, and it is valid again once it is readable", async () => {
    await clean();
    await restore();
    const [archive] = await ctx.db.sql<{ path: string }[]>`select path from archives`;
    const file = path.join(ctx.config.dataDir, archive?.path ?? "");
    await rename(file, `${file}.moved`);
    expect(await clean()).toMatchObject({ deleted_count: 10, archived_count: 10 });
    await rename(`${file}.moved`, file);
    const [first = ""] = await archiveIds();
    expect(await verifyArchive(ctx, COMMAND_LINE, first)).toMatchObject({ ok: true });
    await clean();
    expect(await users()).toEqual({ table: [], archived: [...named("orig"), ...named("orig")].sort() });
  });

  test("and fails while they are being deleted, ends the job with the reason, and no other row is lost", async () => {
    await clean();
    await restore();
    const [archive] = await ctx.db.sql<{ path: string }[]>`select path from archives`;
    const file = path.join(ctx.config.dataDir, archive?.path ?? "");
    // Between check and deletion: the file is opened again after the check.
    await expect(
      clean(
        {},
        {
          onStep: async (step) => {
            if (step === "archive verified") await writeFile(file, "not an archive");
          },
        },
      ),
    ).rejects.toMatchObject({ result: { deleted_count: 0 }, cause: { kind: "CONFLICT" } });
    expect((await tableVersions(ctx, "user_activities")).length).toBe(10);
    expect(await clean()).toMatchObject({ deleted_count: 10, archived_count: 10 });
    expect((await users()).archived).toEqual(named("orig"));
  });
});
