import { AppError, isDatabaseUnreachable } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { takeDirtyHours } from "@/server/services/overview";
import { chooseHours } from "./choose-hours";
import { compactOnce } from "./compact";
import { clearFailure, type Failures, makeFailures, recordFailure } from "./failures";
import { fillArchives } from "./fill-archives";
import { isPaused, pause } from "./pause";
import { rest, restUnderLoad } from "./rest";
import type { Writing } from "./store-segment";
import { removeOrphans, removeReplaced } from "./sweep";
import { makeStepSize, prepare } from "./write-all";
import { writeHours } from "./write-hours";
import { asWriter, type WriterSession } from "./writer-session";

/** Between attempts to become the writer, between looks for work, and after a failure. Milliseconds. */
const STANDBY_MS = 10_000;
const IDLE_MS = 5_000;
const FAILED_MS = 30_000;
const SWEEP_MS = 60_000;
const ORPHANS_MS = 3_600_000;

/**
 * Writes segments until `signal` aborts. Every worker may call it; the one with the right writes, and another takes over
 * within seconds when it exits.
 */
export async function runSegmentWriter(ctx: Context, { signal }: { signal: AbortSignal }): Promise<void> {
  let lastError = "";
  while (!signal.aborted) {
    try {
      await asWriter(ctx, async (session) => {
        lastError = "";
        const stop = new AbortController();
        const filling = fillArchives(ctx, AbortSignal.any([signal, stop.signal]));
        try {
          await run(ctx, session, signal);
        } finally {
          stop.abort();
          await filling;
        }
      });
    } catch (error) {
      // Repeated errors are logged once.
      if (!signal.aborted && !isDatabaseUnreachable(error)) {
        if (String(error) !== lastError)
          ctx.log.error({ err: error }, "segments could not be written; it will be retried");
        await recordFailure(ctx, error).catch(() => {});
      }
      lastError = String(error);
      if (error instanceof AppError && error.code === "files.no_space") await pause(ctx, 1).catch(() => {});
      await rest(FAILED_MS, signal);
    }
    await rest(STANDBY_MS, signal);
  }
}

async function run(ctx: Context, session: WriterSession, signal: AbortSignal): Promise<void> {
  const writing: Writing = { ctx, session, signal, step: async () => {} };
  await prepare(writing);
  const sizes = { recent: makeStepSize(), older: makeStepSize() };
  const failures = makeFailures(ctx, signal);
  const every = makeIntervals();
  while (!signal.aborted) {
    if (every("sweep", SWEEP_MS)) await sweep(writing, every("orphans", ORPHANS_MS));
    if (await isPaused(ctx)) {
      await rest(FAILED_MS, signal);
      continue;
    }
    await takeDirtyHours(ctx);
    let isIdle = true;
    // Both in turn: neither an import of older days nor current rows keep the other waiting.
    for (const kind of ["recent", "older"] as const) {
      const begin = performance.now();
      const limit = sizes[kind].hours();
      const except = failures.hours.waiting();
      const choice = await chooseHours(session.sql, { isRecent: kind === "recent", limit, except });
      if (!choice) continue;
      isIdle = false;
      await tryHours(writing, choice, sizes[kind], failures);
      await restUnderLoad(ctx, performance.now() - begin, signal);
    }
    if (!isIdle) continue;
    const begin = performance.now();
    if (await compactOnce(writing, failures)) {
      await restUnderLoad(ctx, performance.now() - begin, signal);
      continue;
    }
    if (failures.hours.isEmpty() && failures.segments.isEmpty()) await clearFailure(ctx);
    await rest(IDLE_MS, signal);
  }
}

/** Writes hours. After a failure, fewer are chosen; a single one is not chosen again for a while. */
async function tryHours(
  writing: Writing,
  { table, hours }: NonNullable<Awaited<ReturnType<typeof chooseHours>>>,
  size: ReturnType<typeof makeStepSize>,
  failures: Failures,
): Promise<void> {
  const keys = hours.map(({ hour }) => `${table} ${hour}`);
  try {
    size.wrote(await writeHours(writing, table, hours));
    failures.hours.succeeded(keys);
  } catch (error) {
    await failures.report(error, { table, hours: keys.length, first: hours[0]?.hour });
    if (keys.length === 1) failures.hours.failed(keys);
    size.failed(keys.length);
  }
}

/** A store that is unavailable must not prevent writes to another. */
async function sweep(writing: Writing, isWithOrphans: boolean): Promise<void> {
  try {
    await removeReplaced(writing);
    if (isWithOrphans) await removeOrphans(writing);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    writing.ctx.log.warn({ err: error }, "files of replaced segments could not be removed; it will be retried");
  }
}

/** Returns whether a task is due, and remembers that it was started. */
function makeIntervals() {
  const startedAt = new Map<string, number>();
  return (task: string, every: number): boolean => {
    const now = performance.now();
    if (now - (startedAt.get(task) ?? Number.NEGATIVE_INFINITY) < every) return false;
    startedAt.set(task, now);
    return true;
  };
}
