import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { loadConfig } from "@/server/process/config";
import { createLogger } from "@/server/process/logger";
import { openContext } from "@/server/process/open-context";
import { StartError } from "@/server/process/start-error";
import { stopSignal } from "@/server/process/stop-signal";
import { resolveMapping } from "@/server/services/mappings";
import { follow } from "./follow/follow";
import { openPositions } from "./follow/position-store";
import type { IngestFlags } from "./ingest-file";
import { HEAP_GROWTH, makeTotal } from "./ingest-files";

/**
 * Reads files while they are written, until SIGTERM or Ctrl-C, and prints the totals as one line of JSON on stdout.
 * Positions are in DATA_DIR, so that the next run continues.
 * @throws StartError with a line for the user
 */
export async function followFiles(names: readonly string[], flags: IngestFlags): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  const signal = stopSignal();
  const config = loadConfig();
  const { context, close } = await openContext("cli", {
    config,
    log: createLogger(config, "cli"),
    signal,
    waits: true,
  });
  const total = makeTotal();
  try {
    const mapping = flags.map === undefined ? undefined : await resolveMapping(context, flags.map, flags.table);
    const { table, source, encoding, format } = flags;
    const key = [table, format, source ?? null, encoding ?? null, mapping?.expression ?? null];
    const store = await openPositions(path.join(config.dataDir, "followed"), key);
    const failed = await follow(names, {
      ctx: context,
      flags,
      mapping,
      signal,
      store,
      note: (line) => process.stderr.write(`${line}\n`),
      onTaken: (taken) => total.add(taken, false),
    });
    const { files: _files, failed: _failed, not_read: _notRead, ...sums } = total.sums();
    process.stdout.write(`${JSON.stringify({ ...sums, failed })}\n`);
    if (failed > 0) throw new StartError(`${failed} files could not be read further.`);
  } finally {
    await close();
  }
}
