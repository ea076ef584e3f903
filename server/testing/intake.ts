import { Readable } from "node:stream";
import { beforeEach } from "vitest";
import { type LogTableName, logTableList } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { storeClaim } from "@/server/services/intake";
import { type IngestOptions, ingest } from "@/server/services/intake/read/ingest";
import { setUpContext } from "./context";

const INTAKE_TABLES = [
  ...logTableList.map(({ tableName }) => tableName),
  "dead_letters",
  "csv_headers",
  "intake_counters",
  "undated_events",
  "log_queue",
];

/**
 * Runs the tests of a file in a separate database without rows, counters and dead letters before each test.
 * @param options.tables further tables to empty
 */
export function setUpIntake(
  use: (ctx: Context) => void,
  { env, tables = [] }: { env?: Record<string, string>; tables?: readonly string[] } = {},
): void {
  const context = setUpContext(use, { env });
  beforeEach(async () => {
    await context().db.sql.unsafe(`truncate ${[...INTAKE_TABLES, ...tables].join(", ")}`);
  });
}

/** Ingests a text or bytes like a file. By default, the events are stored when it returns. */
export async function takeIn(
  ctx: Context,
  table: LogTableName,
  content: string | Uint8Array,
  options: Partial<IngestOptions> = {},
) {
  return await ingest(ctx, table, Readable.from([Buffer.from(content)]), {
    format: "auto",
    mode: "direct",
    ...options,
  });
}

/** Stores the queued events of a table like a worker, until none is left. */
export async function drain(ctx: Context, table: LogTableName): Promise<void> {
  const limits = { events: 1_000, bytes: 8_000_000 };
  while ((await ctx.queue.consume(table, limits, (claim, tx) => storeClaim(ctx, table, claim, tx))) > 0);
}
