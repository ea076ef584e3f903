import { type LogTableName, logTables } from "@/server/catalog";
import type { IntakeFormat } from "@/server/catalog/formats";
import { intakeProblemText } from "@/server/catalog/intake-problem";
import { FIRST_YEAR, LAST_YEAR } from "@/server/db/partitions";
import { AppError, toAppError } from "@/server/lib/errors";
import { makeLanes } from "@/server/lib/lanes";
import { instantOf } from "@/server/lib/time";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { COMMAND_LINE, type Context, type Principal } from "@/server/process/context";
import type { BatchOrigin, DeadLetterDraft, IncomingEvent, IngestResult, PreparedBatch } from "../batch";
import { draftOf, prepareBatch } from "../events/prepare";
import { type Identifier, makeIdentifier } from "../identity/identify";
import { keepPlainIds } from "../identity/plain-ids";
import { directSink, queueSink } from "./batch-sink";
import { gatherBatches } from "./batches";
import { chooseFormat } from "./choose-format";
import { decodeText } from "./decode-text";
import { watchFirstRecords } from "./first-records";
import { gunzipIfNeeded } from "./gunzip";
import { type IngestProgress, makeTally, type Tally } from "./ingest-progress";
import { type OpenImport, openImport } from "./open-import";
import { leaveOpenLine } from "./open-line";
import { peek } from "./peek";
import { DEAD_LETTER_FORMATS, type IntakeRecord } from "./record";
import { readRecords } from "./records";
import { untilAborted } from "./until-aborted";

/** Batches stored at a time, each on a connection of its own: measured as the best of one to three on two cores. */
const PARALLEL_BATCHES = 2;
/** How long a record waits for others to be stored with. */
const BATCH_WAIT_MS = 1_000;
/** A JSON document of fewer events than this is no import: programs send many such a second. */
const FEWEST_OF_DOCUMENT = 100;
/** Bounds the memory of a batch of long lines, and the time in which its rows are written as one text. */
const BATCH_LENGTH = 1024 * 1024;

export interface IngestOptions {
  readonly format: IntakeFormat | "auto";
  /** By any name of the WHATWG standard; default UTF-8, or UTF-16 where a byte order mark says so. */
  readonly encoding?: string;
  /** `direct`: stored when the call ends. `queued`: handed to the queue, for a worker to store. */
  readonly mode: "direct" | "queued";
  /** Where the events come from, such as a host: equal events of two sources are two. */
  readonly source?: string;
  /** What the import is called, and what its dead letters say they came from; part of no identity. */
  readonly fileName?: string;
  /** Who imports; default the command line. */
  readonly by?: Principal;
  /**
   * Time of events that bring none; default now, also where it lies outside the years that can be stored. With
   * the file's own time the same file again adds nothing, without it only events that bring their time or id
   * are recognised.
   */
  readonly lastModified?: Date;
  /** The bytes must be gzip; otherwise they are unpacked if they are. */
  readonly isGzip?: boolean;
  /** Stops the intake: what was taken stays, and IngestError tells it. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: IngestProgress) => void;
  /**
   * Of a file that may be being written: its last line, without a line feed, is left for the next time, and this
   * called. Without it the bytes are taken for complete, as those that are gzip are in any case.
   */
  readonly onOpenLine?: () => void;
}

/**
 * An intake that ended early. What `taken` counts is safe; sent again it counts as duplicate, unless the
 * events had no time but that of their intake.
 */
export class IngestError extends AppError {
  readonly taken: IngestResult;

  static override [Symbol.hasInstance](value: unknown): value is IngestError {
    return value instanceof AppError && "taken" in value;
  }

  constructor(cause: AppError, taken: IngestResult, isRepeatable: boolean) {
    const { received, queued, inserted, duplicates, rejected, import_id } = taken;
    const counts = `${import_id === null ? "" : `import ${import_id}: `}${queued} queued, ${inserted} inserted, ${duplicates} duplicates, ${rejected} rejected`;
    const problem = isRepeatable ? "taken" : "taken_untraceable";
    super(cause.code, intakeProblemText(problem, { reason: cause.message, received, counts }), {
      errors: cause.errors,
      retryAfter: cause.retryAfter,
      cause: cause.cause ?? cause,
    });
    this.taken = taken;
  }
}

/**
 * Takes in a file or request body of any size in constant memory, unpacking gzip. An event that cannot become a
 * row goes to the dead letters with its original text, alone. Events without an id get one from their text and
 * how many equal ones came before, so the same file again adds nothing.
 * @returns received = queued + inserted + duplicates + rejected; lines from 1
 * @throws AppError when nothing can be read (UNPROCESSABLE, BAD_REQUEST, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)
 * @throws IngestError when it ends early: the archive is cut off, the database is away, the signal aborted
 */
export async function ingest(
  ctx: Context,
  table: LogTableName,
  bytes: AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<IngestResult> {
  const tally = makeTally(options.onProgress);
  const lanes = makeLanes(PARALLEL_BATCHES);
  const first = watchFirstRecords();
  let opened: OpenImport | undefined;
  try {
    const { format, origin, blocks } = await openRecords(ctx, table, bytes, options, tally);
    const store = options.mode === "direct" ? directSink(ctx) : queueSink(ctx, table);
    const identifier = await makeIdentifier(ctx, { format: origin.format, source: options.source });
    const limits = { records: ctx.config.maxBatchSize, length: BATCH_LENGTH, waitMs: BATCH_WAIT_MS };
    let isBegun = false;
    for await (const records of gatherBatches(blocks, limits)) {
      if (!isBegun && isImport(options, format, records.length)) {
        opened = await openImport(ctx, { ...options, table, format, by: options.by ?? COMMAND_LINE });
      }
      isBegun = true;
      const { batch, stop } = first.look(
        await prepare(ctx, table, records, { ...origin, importId: opened?.id }, identifier),
      );
      const isRepeatable = origin.isFileTime || !hasUntraceable(batch);
      await lanes.start(async () => {
        const stored = await store(await keepPlainIds(ctx, batch));
        tally.add(stored, isRepeatable);
        if (stored.isUndone) throw new AppError("CONFLICT", intakeProblemText("undone"));
      });
      if (stop) throw stop;
    }
    await lanes.settle();
    const result = tally.result(opened?.id);
    await endImport(ctx, opened, result.status === "failed" ? intakeProblemText("none_stored") : undefined);
    return result;
  } catch (error) {
    // The batches under way end first, so that what was taken is known.
    await lanes.settle().catch(() => {});
    const cause = toAppError(error);
    await endImport(ctx, opened, cause.message);
    const taken = tally.result(opened?.id);
    throw taken.received === 0 ? cause : new IngestError(cause, taken, tally.isRepeatable());
  }
}

/** Unpacks and reads the bytes: what its events share, and the records themselves. */
async function openRecords(
  ctx: Context,
  table: LogTableName,
  bytes: AsyncIterable<Uint8Array>,
  options: IngestOptions,
  tally: Tally,
): Promise<{ format: IntakeFormat; origin: BatchOrigin; blocks: AsyncIterable<IntakeRecord[]> }> {
  const { head, all } = await peek(counted(untilAborted(bytes, options.signal), tally), 2);
  const unpacked = await gunzipIfNeeded(all, options.isGzip ?? false);
  const text = await decodeText(unpacked, options.encoding);
  const { format, chunks } = await chooseFormat(text, options.format, table);
  const isPlain = head[0] !== 0x1f || head[1] !== 0x8b;
  const complete = options.onOpenLine && isPlain ? leaveOpenLine(chunks, format, options.onOpenLine) : chunks;
  const { csvHeader, blocks } = await readRecords(complete, format, logTables[table]);
  const fileTime = storableTime(options.lastModified);
  const origin = {
    receivedAt: instantOf(fileTime ?? ctx.now()),
    isFileTime: fileTime !== undefined,
    source: options.fileName ?? options.source ?? "api",
    format: DEAD_LETTER_FORMATS[format],
    csvHeader,
  };
  return { format, origin, blocks };
}

/** Whether an intake is recorded as one import. @param records of its first batch */
function isImport({ fileName }: IngestOptions, format: IntakeFormat, records: number): boolean {
  return fileName !== undefined || format !== "json" || records >= FEWEST_OF_DOCUMENT;
}

/** The record of an import tells its end, but what was taken does not depend on it. */
async function endImport(ctx: Context, opened: OpenImport | undefined, error: string | undefined): Promise<void> {
  try {
    await opened?.end(error === undefined ? "completed" : "failed", error);
  } catch (failure) {
    ctx.log.warn({ err: failure, import: opened?.id }, "the end of an import could not be recorded");
  }
}

/**
 * A file's time if rows can have it, without the fraction that HTTP's Last-Modified has not: a file is the same
 * whether it is uploaded or read here.
 */
function storableTime(date: Date | undefined): Date | undefined {
  const year = date?.getUTCFullYear();
  if (!date || !year || year < FIRST_YEAR || year > LAST_YEAR) return undefined;
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** Whether events of the batch have neither a time nor an id of their own: with another `receivedAt` they are new. */
function hasUntraceable({ table, rows, undated, origin }: PreparedBatch): boolean {
  const createdAt = logTables[table].columns.findIndex(({ name }) => name === "created_at");
  return rows.filter((row) => row[createdAt] === origin.receivedAt).length > undated.length;
}

async function* counted(chunks: AsyncIterable<Uint8Array>, tally: Tally): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    tally.readBytes(chunk.length);
    yield chunk;
  }
}

async function prepare(
  ctx: Context,
  table: LogTableName,
  records: readonly IntakeRecord[],
  shared: BatchOrigin,
  identifier: Identifier,
): Promise<PreparedBatch> {
  const plainIds = new Map<string, string>();
  const origin = { ...shared, plainIds };
  const events: IncomingEvent[] = [];
  const dead: DeadLetterDraft[] = [];
  const slice = makeTimeSlice();
  for (const { text, line, event, error } of records) {
    const pause = slice();
    if (pause) await pause;
    const fallbackId = () => identifier.idOf(text, event, plainIds);
    if (error === undefined) events.push({ event, raw: text, fallbackId, line });
    else dead.push(draftOf(table, { raw: text, line }, origin, fallbackId(), error));
  }
  const batch = await prepareBatch(ctx, table, events, origin);
  return { ...batch, dead: [...batch.dead, ...dead] };
}
