import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { discardDeadLetters, replayDeadLetters } from "@/server/services/dead-letters";
import { ingest, storeClaim } from "@/server/services/intake";
import type { IngestOptions } from "@/server/services/intake/read/ingest";
import { type JobParams, type JobRun, JobStopped, runJobs, UNFENCED } from "@/server/services/jobs";
import { drain, setUpIntake, takeIn } from "@/server/testing/intake";
import { intakeSums } from "@/server/testing/intake-sums";
import { jobHandlers } from "@/server/worker/jobs";
import { undoResult } from "./contract";
import { getImport, listImports } from "./list";
import { runUndo } from "./run-undo";
import { startUndo } from "./start-undo";

let ctx: Context;
setUpIntake(
  (context) => {
    ctx = context;
  },
  {
    env: { CLEANUP_BATCH_SIZE: "100" },
    tables: ["dirty_ranges", "imports", "import_tallies", "jobs", "scheduled_task_runs"],
  },
);

const line = (n: number) => `{"user_id":"${n}","action":"login","created_at":"2024-0${1 + (n % 3)}-06T07:08:09Z"}\n`;
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => line(from + n)).join("");

function take(text: string, options: Partial<IngestOptions> = {}) {
  return takeIn(ctx, "user_activities", text, { format: "ndjson", fileName: "some.log", ...options });
}

async function takeId(text: string, options: Partial<IngestOptions> = {}): Promise<number> {
  const { import_id } = await take(text, options);
  if (import_id === null) throw new Error("It has no import.");
  return import_id;
}

const count = async (table: string) => {
  const [row] = await ctx.db.sql<{ rows: number }[]>`select count(*)::int as rows from ${ctx.db.sql(table)}`;
  return row?.rows;
};

function undo(importId: number, given: Partial<JobRun<JobParams<"undo_import">>> = {}) {
  return runUndo(ctx, {
    id: "00000000-0000-4000-8000-000000000001",
    params: { import_id: importId, table: "user_activities" },
    requestedBy: "somebody",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
    ...given,
  });
}

describe("an import", () => {
  test("is listed with its file, source, user, times and counts, newest first", async () => {
    const first = await takeId(`${lines(0, 5)}broken\n`, { source: "web1", by: { ...COMMAND_LINE, name: "anna" } });
    const second = await takeId(lines(0, 7));
    const { items } = await listImports(ctx, { limit: 10 });
    expect(items).toMatchObject([
      { import_id: second, status: "completed", inserted: 7, source: null },
      {
        import_id: first,
        table: "user_activities",
        status: "completed",
        mode: "direct",
        format: "ndjson",
        file_name: "some.log",
        source: "web1",
        requested_by: "anna",
        received: 6,
        queued: 0,
        inserted: 5,
        rejected: 1,
        first_time: "2024-01-06T07:08:09.000000Z",
        last_time: "2024-03-06T07:08:09.000000Z",
      },
    ]);
    const page = await listImports(ctx, { limit: 1, table: "user_activities" });
    expect(page.items).toHaveLength(1);
    const rest = await listImports(ctx, { limit: 1, table: "user_activities", cursor: page.next_cursor ?? "" });
    expect(rest).toMatchObject({ items: [{ import_id: first }], next_cursor: null });
    expect(await listImports(ctx, { limit: 10, table: "access_logs" })).toEqual({ items: [], next_cursor: null });
  });

  test("through the queue reports how many of its events are still queued", async () => {
    const id = await takeId(lines(0, 10), { mode: "queued" });
    expect(await getImport(ctx, id)).toMatchObject({ status: "storing", received: 10, queued: 10, inserted: 0 });
    await drain(ctx, "user_activities");
    expect(await getImport(ctx, id)).toMatchObject({ status: "completed", received: 10, queued: 0, inserted: 10 });
    await takeId(lines(0, 12), { mode: "queued" });
    await drain(ctx, "user_activities");
    expect((await listImports(ctx, { limit: 1 })).items).toMatchObject([{ inserted: 2, duplicates: 10 }]);
  });

  test("keeps its dead letters and rows separate from those of others in one claim", async () => {
    const first = await takeId(lines(0, 3), { mode: "queued" });
    const second = await takeId(lines(2, 8), { mode: "queued" });
    await ctx.queue.push("user_activities", ['{"user_id":"x","action":"y"}', "broken", '{"$import":1']);
    await drain(ctx, "user_activities");
    expect(await getImport(ctx, first)).toMatchObject({ inserted: 3, duplicates: 0 });
    expect(await getImport(ctx, second)).toMatchObject({ inserted: 5, duplicates: 1 });
    const groups = await ctx.db.sql`
      select import_id, count(*)::int as rows from user_activity_logs group by import_id order by import_id`;
    expect([...groups]).toEqual([
      { import_id: first, rows: 3 },
      { import_id: second, rows: 5 },
      { import_id: null, rows: 1 },
    ]);
    const extras = await ctx.db.sql`select 1 from user_activity_logs where extra is not null`;
    expect(extras).toHaveLength(0);
  });

  test("is not recorded for a few events in a JSON document", async () => {
    const event = '{"user_id":"1","action":"login"}';
    const few = await take(`[${event}]`, { format: "json", fileName: undefined });
    expect(few).toMatchObject({ import_id: null, inserted: 1 });
    const many = await take(`[${Array.from({ length: 100 }, () => event)}]`, { format: "json", fileName: undefined });
    expect(many.import_id).not.toBeNull();
  });

  test("without any valid record has failed", async () => {
    const result = await take("broken\nbroken too\n");
    expect(result).toMatchObject({ status: "failed", received: 2, rejected: 2 });
    expect((await listImports(ctx, { limit: 1 })).items).toMatchObject([
      { status: "failed", rejected: 2, error: { code: "intake.none_stored" } },
    ]);
  });
});

describe("an undo", () => {
  test("removes what the import inserted, keeps what existed before, and allows the file to be imported again", async () => {
    const before = await takeId(lines(0, 100));
    const id = await takeId(`${lines(50, 400)}broken\n`);
    const sums = await intakeSums(ctx, "user_activities");
    await ctx.db.sql`truncate dirty_ranges`;
    expect(await undo(id)).toEqual({
      import_id: id,
      table: "user_activities",
      inserted_count: 300,
      removed_count: 300,
      missing_count: 0,
      discarded_dead_letters: 1,
    });
    expect(await count("user_activity_logs")).toBe(100);
    expect(await count("dead_letters")).toBe(0);
    expect(await getImport(ctx, id)).toMatchObject({ status: "undone", removed: 300, undone_by: "somebody" });
    expect(await getImport(ctx, before)).toMatchObject({ status: "completed", inserted: 100 });
    // Rows deleted later do not change the received counts; their hours are recounted.
    expect(await intakeSums(ctx, "user_activities")).toEqual(sums);
    const hours = await ctx.db.sql`select distinct starts_at from dirty_ranges where log_table = 'user_activities'`;
    expect(hours).toHaveLength(3);
    expect(await take(lines(50, 400))).toMatchObject({ inserted: 300, duplicates: 50 });
  });

  test("removes events that are still queued, including those that a worker stores concurrently", async () => {
    const id = await takeId(lines(0, 20), { mode: "queued" });
    const other = await takeId(lines(100, 105), { mode: "queued" });
    await undo(id);
    await drain(ctx, "user_activities");
    expect(await count("user_activity_logs")).toBe(5);
    expect(await getImport(ctx, id)).toMatchObject({ status: "undone", queued: 0, removed: 20 });
    expect(await getImport(ctx, other)).toMatchObject({ status: "completed", inserted: 5 });
    const sums = await intakeSums(ctx, "user_activities");
    expect(sums.received_total).toBe(sums.inserted_total + sums.duplicates_total + sums.dead_total);
  });

  test("waits for a batch that is being stored, and removes it", async () => {
    const id = await takeId(lines(0, 5), { mode: "queued" });
    let started = () => {};
    const isStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    let go = () => {};
    const mayGo = new Promise<void>((resolve) => {
      go = resolve;
    });
    const storing = ctx.queue.consume("user_activities", { events: 10, bytes: 1_000_000 }, async (claim, tx) => {
      await storeClaim(ctx, "user_activities", claim, tx);
      started();
      await mayGo;
    });
    await isStarted;
    const undone = undo(id);
    await untilWaiting();
    go();
    await storing;
    expect(await undone).toMatchObject({ removed_count: 5 });
    expect(await count("user_activity_logs")).toBe(0);
  });

  test("stops an import that is still being read", async () => {
    let id: number | undefined;
    async function* bytes() {
      yield Buffer.from(lines(0, 3_000));
      while (id === undefined) {
        const [latest] = (await listImports(ctx, { limit: 1 })).items;
        if (latest && latest.inserted > 0) id = latest.import_id;
        else await sleep(10);
      }
      await undo(id);
      yield Buffer.from(lines(3_000, 6_000));
    }
    const reading = ingest(ctx, "user_activities", bytes(), { format: "ndjson", mode: "direct", fileName: "a.log" });
    await expect(reading).rejects.toMatchObject({ kind: "CONFLICT", message: expect.stringContaining("undone") });
    expect(await count("user_activity_logs")).toBe(0);
    expect(await getImport(ctx, id ?? 0)).toMatchObject({ status: "undone" });
  });

  test("that was stopped continues when it is requested again", async () => {
    const id = await takeId(lines(0, 1_000));
    const control = new AbortController();
    const stopped = undo(id, {
      signal: control.signal,
      progress: ({ done }) => {
        if (done >= 200) control.abort();
      },
    });
    const error = await stopped.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof JobStopped)) throw error;
    const { removed_count: removed } = undoResult.parse(error.result);
    expect(removed).toBeGreaterThanOrEqual(200);
    expect(await count("user_activity_logs")).toBe(1_000 - removed);
    expect(await getImport(ctx, id)).toMatchObject({ status: "partly_undone", removed });
    await untilFree();
    expect(await undo(id)).toMatchObject({ removed_count: 1_000, missing_count: 0 });
    expect(await count("user_activity_logs")).toBe(0);
  });

  test("reports how many of its rows no longer exist", async () => {
    const id = await takeId(lines(0, 30));
    await ctx.db.sql`delete from user_activity_logs where created_at < '2024-02-01'`;
    expect(await undo(id)).toMatchObject({ inserted_count: 30, removed_count: 20, missing_count: 10 });
  });

  test("removes rows from replayed dead letters", async () => {
    const id = await takeId(`${lines(0, 2)}{"user_id":"9"}\n`);
    const [letter] = await ctx.db.sql<{ id: string }[]>`select id from dead_letters`;
    const edited = '{"user_id":"9","action":"login","created_at":"2024-01-06T07:08:09Z"}';
    await replayDeadLetters(ctx, { ids: [letter?.id ?? ""] }, COMMAND_LINE, edited);
    expect(await getImport(ctx, id)).toMatchObject({ inserted: 3, rejected: 0 });
    expect(await undo(id)).toMatchObject({ removed_count: 3 });
    expect(await count("user_activity_logs")).toBe(0);
  });

  test("keeps a dead letter of an earlier import", async () => {
    await takeId(`${lines(0, 1)}broken\n`);
    const id = await takeId(`${lines(0, 1)}broken\n`);
    expect(await undo(id)).toMatchObject({ removed_count: 0, discarded_dead_letters: 0 });
    expect(await count("dead_letters")).toBe(1);
    await discardDeadLetters(ctx, { queue: "user_activities" }, COMMAND_LINE);
  });

  test("is a job that is shared by equal requests, audited, and rejected when it is complete", async () => {
    const id = await takeId(lines(0, 50));
    const admin = { ...COMMAND_LINE, id: "admin", name: "admin" };
    const [first, second] = await Promise.all([startUndo(ctx, admin, id), startUndo(ctx, admin, id)]);
    expect(second.job_id).toBe(first.job_id);
    expect(await getImport(ctx, id)).toMatchObject({ status: "undoing", undo_job_id: first.job_id });
    const control = new AbortController();
    const running = runJobs(ctx, jobHandlers, { signal: control.signal });
    while ((await getImport(ctx, id)).status !== "undone") await sleep(20);
    control.abort();
    await running;
    await expect(startUndo(ctx, admin, id)).rejects.toMatchObject({ kind: "CONFLICT" });
    await expect(startUndo(ctx, admin, 999_999)).rejects.toMatchObject({ kind: "NOT_FOUND" });
    const audit = await ctx.db.sql`select actor_name, details from audit_log where action = 'import.undo'`;
    expect([...audit]).toMatchObject([{ actor_name: "admin", details: { import_id: id, inserted: 50 } }]);
  });
});

/** Waits until another session waits for a lock. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const [row] = await ctx.db.sql<{ waits: boolean }[]>`
      select exists (
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%update imports%'
      ) as waits`;
    if (row?.waits) return;
    await sleep(10);
  }
}

/** Waits until the session of a finished maintenance has closed and released its lock. */
async function untilFree(): Promise<void> {
  for (;;) {
    const sessions = await ctx.db.sql`
      select from pg_stat_activity
      where datname = current_database() and application_name like 'batch-console maintenance%'`;
    if (sessions.length === 0) return;
    await sleep(10);
  }
}
