import { rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { runUndo } from "@/server/services/imports";
import { insertAccessLogs } from "@/server/services/intake";
import { takeDirtyHours } from "@/server/services/overview";
import { runCleanup, runRestore } from "@/server/services/retention";
import { cleanupParams, jobRun } from "@/server/testing/cleanup";
import { setUpContext } from "@/server/testing/context";
import { failingEngine } from "@/server/testing/failing-engine";
import { takeIn } from "@/server/testing/intake";
import { coveredRows } from "@/server/testing/segments";
import { compactOnce } from "./compact";
import { makeFailures } from "./failures";
import { rebuildSegments } from "./rebuild";
import { segmentStatus } from "./status";
import { removeOrphans, removeReplaced } from "./sweep";
import { verifySegments } from "./verify";
import { writeAllSegments } from "./write-all";
import { asWriter } from "./writer-session";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});
beforeEach(async () => {
  await ctx.db.sql`
    truncate access_logs, user_activity_logs, segments, segment_hours, segment_blocks, segment_layouts, dirty_ranges, archives, archive_blocks,
      restored_periods, imports, import_tallies`;
  await rm(path.join(ctx.config.dataDir, "segments"), { recursive: true, force: true });
});

const HOUR_MS = 3_600_000;
/** The start of a day 40 days ago. */
const START = Math.floor(Date.now() / (24 * HOUR_MS) - 40) * 24 * HOUR_MS;
const at = (hour: number, minute = 0) => new Date(START + hour * HOUR_MS + minute * 60_000).toISOString();

const event = (hour: number, minute = 0) => ({
  ip_address: minute % 2 === 0 ? "203.0.113.7" : "2001:db8::7",
  request_path: `/cases/${hour}/${minute}`,
  user_id: minute % 3 === 0 ? undefined : `user ${minute % 5}`,
  extra: minute % 4 === 0 ? { 案号: "（2024）京01民终123号", "a\nb": '"' } : undefined,
  created_at: at(hour, minute),
});
const store = (...hours: number[]) =>
  insertAccessLogs(
    ctx,
    hours.flatMap((hour) => Array.from({ length: 10 }, (_, minute) => event(hour, minute))),
  );

/** Reads everything, compares it with the table, and returns the dirty hours. */
async function dirtyHours(table: "access_logs" | "user_activities" = "access_logs"): Promise<number[]> {
  const { rows, expected, coverage } = await coveredRows(ctx, table);
  expect(rows).toEqual(expected);
  return coverage.dirty
    .flatMap(({ from, to }) => {
      const first = (Date.parse(from) - START) / HOUR_MS;
      return Array.from({ length: (Date.parse(to) - START) / HOUR_MS - first }, (_, index) => first + index);
    })
    .sort((a, b) => a - b);
}

const files = async () => {
  const rows = await ctx.db.sql<{ path: string }[]>`select path from segments where replaced_at is null order by path`;
  return rows.map((row) => row.path);
};
const fileOf = (key: string) => path.join(ctx.config.dataDir, key);

describe("Segments", () => {
  test("contain all rows, until late rows make their hours dirty in the same transaction", async () => {
    await store(0, 1, 2, 5);
    expect(await writeAllSegments(ctx)).toBe(true);
    expect(await dirtyHours()).toEqual([]);
    expect(await files()).toHaveLength(1);
    // Duplicates change nothing.
    await store(1);
    expect(await dirtyHours()).toEqual([]);
    await insertAccessLogs(ctx, [event(1, 30), event(3, 30)]);
    expect(await dirtyHours()).toEqual([1, 3]);
    await takeDirtyHours(ctx);
    expect(await dirtyHours()).toEqual([1, 3]);
    await writeAllSegments(ctx);
    expect(await dirtyHours()).toEqual([]);
  });

  test("are not read for hours that a cleanup, a restore or an undo changed", async () => {
    await store(0, 1, 2, 30 * 24, 30 * 24 + 1);
    await writeAllSegments(ctx);
    const days = 40 - 1;
    await runCleanup(ctx, jobRun(cleanupParams({ days_to_keep: days, archive: true })));
    expect((await coveredRows(ctx, "access_logs")).rows).toHaveLength(20);
    await dirtyHours();
    await writeAllSegments(ctx);
    expect(await dirtyHours()).toEqual([]);
    const archives = await ctx.db.sql<{ id: string }[]>`select id from archives where state = 'removed'`;
    for (const { id } of archives) await runRestore(ctx, jobRun({ archive_id: id }));
    expect(await dirtyHours()).toEqual([0, 1, 2]);
    await writeAllSegments(ctx);
    expect(await dirtyHours()).toEqual([]);

    const lines = [0, 1, 9].map((hour) => JSON.stringify({ user_id: "u", action: "login", created_at: at(hour) }));
    const { import_id } = await takeIn(ctx, "user_activities", lines.join("\n"), {
      format: "ndjson",
      fileName: "x.log",
    });
    await writeAllSegments(ctx);
    expect(await dirtyHours("user_activities")).toEqual([]);
    await runUndo(ctx, jobRun({ import_id: import_id ?? 0, table: "user_activities" as const }));
    expect(await dirtyHours("user_activities")).toEqual(expect.arrayContaining([0, 1, 9]));
    await writeAllSegments(ctx);
    expect(await dirtyHours("user_activities")).toEqual([]);
  });

  test("leave a correct answer when their writer stops at any step, or rows arrive during it", async () => {
    await store(0, 1, 30);
    await writeAllSegments(ctx);
    const reached = new Set<string>();
    for (let stopAt = 1; ; stopAt++) {
      await insertAccessLogs(ctx, [event(1, 10 + stopAt), event(31, stopAt)]);
      let steps = 0;
      const write = writeAllSegments(ctx, {
        step: async (name) => {
          reached.add(name);
          await insertAccessLogs(ctx, [event(30, 10 + stopAt), event(33, stopAt)]);
          if (++steps === stopAt) throw new Error("killed");
        },
      });
      const isKilled = await write.then(
        () => false,
        (error: Error) => {
          if (error.message !== "killed") throw error;
          return true;
        },
      );
      await dirtyHours();
      if (!isKilled) break;
    }
    expect(reached.size).toBeGreaterThan(4);
    await writeAllSegments(ctx);
    expect(await dirtyHours()).toEqual([]);
    await asWriter(ctx, async (session) => {
      const writing = { ctx, session, signal: new AbortController().signal, step: async () => {} };
      await removeReplaced(writing, "0 seconds");
      await removeOrphans(writing, 0);
    });
    const stored: string[] = [];
    for await (const { key } of ctx.files.current.list("segments/")) stored.push(key);
    expect(stored.sort()).toEqual(await files());
  });

  test.each([
    ["truncated", (file: string) => truncate(file, 100)],
    ["changed", (file: string) => writeFile(file, Buffer.alloc(10), { flag: "r+" })],
    ["missing", (file: string) => rm(file)],
  ])("are written again when their file is %s", async (_, damage) => {
    await store(0, 1, 2);
    await writeAllSegments(ctx);
    expect(await dirtyHours()).toEqual([]);
    const [file = ""] = await files();
    await damage(fileOf(file));
    expect(await dirtyHours()).toEqual([0, 1, 2]);
    await writeAllSegments(ctx);
    expect(await dirtyHours()).toEqual([]);
    expect(await files()).not.toContain(file);
  });

  test("of hours and days are merged without a change of the rows, also while an hour changes", async () => {
    for (const hour of [0, 1, 2, 25, 26]) {
      await store(hour);
      await writeAllSegments(ctx, { isCompacted: false });
    }
    expect(await files()).toHaveLength(5);
    await store(3);
    await insertAccessLogs(ctx, [event(1, 50)]);
    await asWriter(ctx, async (session) => {
      const step = async (name: string) => {
        if (name === "segments merged") await insertAccessLogs(ctx, [event(2, 50), event(26, 50)]);
        if (name === "segments merged") await takeDirtyHours(ctx);
      };
      while (await compactOnce({ ctx, session, signal: new AbortController().signal, step }));
    });
    expect(await files()).toHaveLength(1);
    expect(await dirtyHours()).toEqual([1, 2, 3, 26]);
    await writeAllSegments(ctx);
    expect(await dirtyHours()).toEqual([]);
  });

  test("are merged without those that cannot be merged", async () => {
    for (const hour of [0, 1, 2, 3]) {
      await store(hour);
      await writeAllSegments(ctx, { isCompacted: false });
    }
    const [oldest] = await ctx.db.sql<{ path: string }[]>`select path from segments order by starts_at limit 1`;
    const failing = { ...ctx, columnar: failingEngine(ctx.columnar, oldest?.path ?? "") };
    await asWriter(failing, async (session) => {
      const { signal } = new AbortController();
      const failures = makeFailures(failing, signal);
      while (await compactOnce({ ctx: failing, session, signal, step: async () => {} }, failures));
      expect(failures.segments.waiting()).toHaveLength(2);
    });
    expect(await files()).toHaveLength(3);
    expect(await files()).toContain(oldest?.path);
    expect(await dirtyHours()).toEqual([]);
  });

  test("are verified against the rows, rebuilt on request, and their status counts both", async () => {
    await store(0, 1, 2);
    await writeAllSegments(ctx);
    const options = { signal: new AbortController().signal, onFile: () => {} };
    expect(await verifySegments(ctx, "access_logs", options)).toEqual({
      table: "access_logs",
      segments: 1,
      rows: 30,
      damaged: [],
      different_hours: [],
    });
    expect((await segmentStatus(ctx))[0]).toMatchObject({ rows: 30, hours: 3, dirty_hours: 0, segments: 1 });
    // Without a mark, as only somebody else's statement can.
    await ctx.db.sql`delete from access_logs where created_at = ${at(1, 5)}`;
    const found = await verifySegments(ctx, "access_logs", options);
    expect(found.different_hours).toEqual([at(1).replace("000Z", "000000Z")]);
    expect(await dirtyHours()).toEqual([1]);
    const [file = ""] = await files();
    await truncate(fileOf(file), 1);
    expect((await verifySegments(ctx, "access_logs", options)).damaged).toEqual([file]);
    const rebuilt = { signal: options.signal, onProgress: () => {} };
    const range = { from: at(2), to: at(3) };
    expect(await rebuildSegments(ctx, { ...rebuilt, tables: ["access_logs"], range })).toBe(1);
    expect(await dirtyHours()).toEqual([]);
    expect(await rebuildSegments(ctx, { ...rebuilt, tables: ["access_logs"] })).toBe(3);
    expect((await segmentStatus(ctx))[0]).toMatchObject({ rows: 29, hours: 3, dirty_hours: 0, segments: 1 });
  });

  test("that are replaced during a verification are not reported as damaged", async () => {
    await store(0, 1, 30);
    await writeAllSegments(ctx);
    const columnar: Context["columnar"] = {
      ...ctx.columnar,
      async query(statement, options) {
        await ctx.db.sql`update segment_hours set dirty_seq = nextval('segment_dirty_seq')`;
        await writeAllSegments(ctx);
        await asWriter(ctx, (session) =>
          removeReplaced({ ctx, session, signal: new AbortController().signal, step: async () => {} }, "0 seconds"),
        );
        return await ctx.columnar.query(statement, options);
      },
    };
    const options = { signal: new AbortController().signal, onFile: () => {} };
    const replaced = await verifySegments({ ...ctx, columnar }, "access_logs", options);
    expect(replaced).toMatchObject({ segments: 0, damaged: [], different_hours: [] });
    expect(await verifySegments(ctx, "access_logs", options)).toMatchObject({ segments: 1, rows: 30, damaged: [] });
  });

  test("have one writer at a time", async () => {
    await store(0);
    await asWriter(ctx, async () => {
      expect(await writeAllSegments(ctx)).toBe(false);
    });
    expect(await writeAllSegments(ctx)).toBe(true);
    expect(await dirtyHours()).toEqual([]);
  });
});
