import { sql } from "drizzle-orm";
import { AppError, databaseFailureOf } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { makeRetries, type Retries } from "./retries";
import { LostRight } from "./writer-session";

const NAME = "segments_failed";

/** Reasons in the message of health checks. */
const CAUSES: Readonly<Record<string, string>> = {
  "columnar.out_of_memory": "memory",
  "columnar.no_temporary_space": "space",
  "columnar.engine_failed": "engine",
};

/** What could not be written or merged, while other hours and segments are. */
export interface Failures {
  /** Hours as `TABLE INSTANT`. */
  readonly hours: Retries;
  /** IDs of segments that could not be merged. */
  readonly segments: Retries;
  /** Logs and records an error. @throws it, if other hours would fail too */
  report(error: unknown, what: object): Promise<void>;
}

export function makeFailures(ctx: Context, signal: AbortSignal): Failures {
  return {
    hours: makeRetries(),
    segments: makeRetries(),
    async report(error, what) {
      if (signal.aborted || !(await isLimited(ctx, error))) throw error;
      ctx.log.warn({ err: error, ...what }, "segments could not be written or merged; others continue");
      await recordFailure(ctx, error);
    },
  };
}

/** Records the last error, so that health checks report it. */
export async function recordFailure(ctx: Context, error: unknown): Promise<void> {
  const code = error instanceof AppError ? error.code : "";
  const cause = CAUSES[code] ?? (code.startsWith("files.") ? "store" : "other");
  await ctx.db.sql`
    insert into monitoring_state (name, value) values (${NAME}, ${cause})
    on conflict (name) do update set value = excluded.value`;
}

/** Nothing is left that failed. */
export async function clearFailure(ctx: Context): Promise<void> {
  await ctx.db.sql`delete from monitoring_state where name = ${NAME}`;
}

/** Whether an error concerns only what was written or merged. A damaged page of a table is a fault of its rows. */
async function isLimited(ctx: Context, error: unknown): Promise<boolean> {
  if (error instanceof LostRight || (error instanceof AppError && error.code.startsWith("files."))) return false;
  const failure = databaseFailureOf(error);
  if (failure !== undefined && failure !== "faulty") return false;
  try {
    await ctx.columnar.query(sql`select 1`);
    return true;
  } catch {
    return false;
  }
}
