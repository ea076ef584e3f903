import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { takeDirtyHours } from "@/server/services/overview";
import { chooseHours } from "./choose-hours";
import { compactOnce } from "./compact";
import { markAllIfOutdated } from "./mark-all";
import type { Writing } from "./store-segment";
import { writeHours } from "./write-hours";
import { asWriter, type WriterSession } from "./writer-session";

/** Hours of one write, adapted to the number of rows: few rows cost little per hour, many rows need long snapshots. */
export function makeStepSize() {
  let hours = 4;
  return {
    hours: () => hours,
    failed: (attempted: number) => {
      hours = Math.max(Math.floor(attempted / 2), 1);
    },
    wrote: (rows: number) => {
      if (rows < 50_000) hours = Math.min(hours * 2, 24 * 31);
      else if (rows > 500_000) hours = Math.max(Math.floor(hours / 2), 1);
    },
  };
}

export async function prepare({ session }: Pick<Writing, "session">): Promise<void> {
  for (const table of LOG_TABLE_NAMES) await session.transaction((tx) => markAllIfOutdated(tx, table));
}

interface WriteAllOptions {
  readonly signal?: AbortSignal;
  readonly step?: Writing["step"];
  readonly tables?: readonly LogTableName[];
  readonly isCompacted?: boolean;
}

/**
 * Writes all dirty hours at once, also the current one, and merges segments.
 * @returns false if another process is the writer
 */
export async function writeAllSegments(ctx: Context, options: WriteAllOptions = {}): Promise<boolean> {
  const written = await asWriter(ctx, (session) => writeAllIn(ctx, session, options));
  return written !== undefined;
}

async function writeAllIn(
  ctx: Context,
  session: WriterSession,
  { signal = new AbortController().signal, step = async () => {}, tables, isCompacted = true }: WriteAllOptions,
): Promise<void> {
  const writing: Writing = { ctx, session, signal, step };
  await prepare(writing);
  await takeDirtyHours(ctx);
  const size = makeStepSize();
  for (;;) {
    signal.throwIfAborted();
    const choice = await chooseHours(session.sql, { limit: size.hours(), isAll: true, ...(tables && { tables }) });
    if (!choice) break;
    size.wrote(await writeHours(writing, choice.table, choice.hours));
  }
  while (isCompacted && (await compactOnce(writing)));
}
