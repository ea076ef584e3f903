import type { LogTableName } from "@/server/catalog";
import type { IntakeFormat } from "@/server/catalog/formats";
import { renderError, renderLine } from "@/server/lib/error-text";
import type { Context } from "@/server/process/context";
import { ingest } from "@/server/services/intake";
import type { IngestResult, MappingChoice } from "@/server/services/intake/contract";
import { queueStatus } from "@/server/services/queues";
import { showProgress } from "./ingest-progress";
import type { Input } from "./input";

const SHOWN_ERRORS = 5;

export interface IngestFlags {
  readonly table: LogTableName;
  readonly format: IntakeFormat | "auto";
  readonly direct: boolean;
  readonly encoding?: string;
  readonly source?: string;
  readonly map?: string;
  readonly follow: boolean;
}

export interface FileIntake {
  readonly flags: IngestFlags;
  readonly mapping?: MappingChoice;
  readonly signal: AbortSignal;
  /** Writes a line for the user. */
  readonly note: (line: string) => void;
}

/** Ingests a file or standard input, with progress and notes on stderr. @throws AppError */
export async function ingestFile(
  ctx: Context,
  input: Input,
  { flags, mapping, signal, note }: FileIntake,
): Promise<IngestResult> {
  const progress = showProgress(input.size);
  let isLineOpen = false;
  let result: IngestResult;
  try {
    result = await ingest(ctx, flags.table, input.bytes, {
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
  } finally {
    progress.end();
  }
  if (flags.map === undefined && result.mapping !== null)
    note(`Format detected: ${result.mapping}. Use --map to read the file with another mapping.`);
  if (isLineOpen) note("The last line does not end with a line feed; the next run imports it.");
  for (const line of rejectedLines(result)) note(line);
  return result;
}

/** Formats a result as JSON. */
export function renderResult(result: IngestResult) {
  return { ...result, errors: result.errors.map((error) => renderLine(error)) };
}

function rejectedLines({ rejected, errors }: IngestResult): string[] {
  if (rejected === 0) return [];
  const shown = errors.slice(0, SHOWN_ERRORS).map(({ line, error }) => `  line ${line}: ${renderError(error)}`);
  const more = rejected > shown.length ? [`  and ${rejected - shown.length} more`] : [];
  return [`Rejected: ${rejected}, stored as dead letters.`, ...shown, ...more];
}

/** The line for the user if events are in the queue and nothing stores them. */
export async function waitingLines(ctx: Context, queued: number): Promise<string[]> {
  if (queued === 0 || (await queueStatus(ctx)).workers.length > 0) return [];
  return ["No worker is running. The events stay in the queue until one is started (`npm start` or `npm run worker`)."];
}
