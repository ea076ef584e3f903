import { setFlagsFromString } from "node:v8";
import type { LogTableName } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import type { IntakeFormat } from "@/server/catalog/formats";
import { renderError, renderLine } from "@/server/lib/error-text";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { openContext } from "@/server/process/open-context";
import { StartError } from "@/server/process/start-error";
import { stopSignal } from "@/server/process/stop-signal";
import { ingest } from "@/server/services/intake";
import type { IngestResult } from "@/server/services/intake/contract";
import { resolveMapping } from "@/server/services/mappings";
import { queueStatus } from "@/server/services/queues";
import { showProgress } from "./ingest-progress";
import { openInput } from "./input";

const SHOWN_ERRORS = 5;

/**
 * The percentage by which the heap may grow before the next full collection. With V8's default on a machine with much
 * memory, the heap of a long intake grows to 200 MB while 30 MB are in use.
 */
const HEAP_GROWTH = 20;

export interface IngestFlags {
  readonly table: LogTableName;
  readonly format: IntakeFormat | "auto";
  readonly direct: boolean;
  readonly encoding?: string;
  readonly source?: string;
  readonly map?: string;
}

/**
 * Ingests a file, or standard input for `-`.
 * @throws StartError with a line for the user
 */
export async function ingestFile(file: string, flags: IngestFlags): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  const signal = stopSignal();
  const input = await openInput(file);
  const { context, close } = await openContext("cli");
  const progress = showProgress(input.size);
  let isLineOpen = false;
  try {
    const mapping = flags.map === undefined ? undefined : await resolveMapping(context, flags.map, flags.table);
    const result = await ingest(context, flags.table, input.bytes, {
      format: flags.format,
      encoding: flags.encoding,
      mode: flags.direct ? "direct" : "queued",
      mapping,
      source: flags.source,
      fileName: input.name,
      lastModified: input.lastModified,
      signal,
      onProgress: progress.update,
      // A file may still be written to; the last line of a closed pipe is complete.
      onOpenLine: input.lastModified && (() => (isLineOpen = true)),
    });
    progress.end();
    process.stdout.write(`${JSON.stringify({ ...result, errors: result.errors.map((error) => renderLine(error)) })}\n`);
    if (flags.map === undefined && result.mapping !== null)
      print(`Format detected: ${result.mapping}. Use --map to read the file with another mapping.`);
    if (isLineOpen) print("The last line does not end with a line feed; the next run imports it.");
    for (const line of [...rejectedLines(result), ...(await waitingLines(context, result))]) print(line);
    if (result.status === "failed") throw new StartError(renderError(errorValue("intake.none_stored", {})));
  } catch (error) {
    progress.end();
    if (error instanceof AppError && error.kind === "INTERNAL") context.log.error({ err: error.cause });
    // Invalid file contents are not a usage error: the exit code is 1.
    throw error instanceof AppError ? new StartError(error.message, { cause: error }) : error;
  } finally {
    await close();
  }
}

function print(line: string): void {
  process.stderr.write(`${line}\n`);
}

function rejectedLines({ rejected, errors }: IngestResult): string[] {
  if (rejected === 0) return [];
  const shown = errors.slice(0, SHOWN_ERRORS).map(({ line, error }) => `  line ${line}: ${renderError(error)}`);
  const more = rejected > shown.length ? [`  and ${rejected - shown.length} more`] : [];
  return [`Rejected: ${rejected}, stored as dead letters.`, ...shown, ...more];
}

async function waitingLines(ctx: Context, { queued }: IngestResult): Promise<string[]> {
  if (queued === 0 || (await queueStatus(ctx)).workers.length > 0) return [];
  return ["No worker is running. The events stay in the queue until one is started (`npm start` or `npm run worker`)."];
}
