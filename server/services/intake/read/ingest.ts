import { type LogTableName, logTables } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import type { IntakeFormat } from "@/server/catalog/formats";
import { AppError, toAppError, toErrorValue } from "@/server/lib/errors";
import { makeLanes } from "@/server/lib/lanes";
import { instantOf } from "@/server/lib/time";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { untilAborted } from "@/server/lib/until-aborted";
import { within } from "@/server/lib/within";
import { COMMAND_LINE, type Context, type Principal } from "@/server/process/context";
import type { BatchOrigin, DeadLetterDraft, IncomingEvent, PreparedBatch } from "../batch";
import type { IngestResult, IntakeMode, MappingChoice } from "../contract";
import { draftOf, prepareBatch } from "../events/prepare";
import { type Identifier, makeIdentifier } from "../identity/identify";
import { reusePlainIds } from "../identity/plain-ids";
import { compileMapping } from "../mappings/mapping";
import { currentRules } from "../rules/current-rules";
import { unpackIfNeeded } from "../unpack/unpack";
import { directSink, queueSink } from "./batch-sink";
import { gatherBatches } from "./batches";
import { chooseFormat } from "./choose-format";
import { type Continuation, makeInOrder, skipRecords } from "./continuation";
import { decodeText } from "./decode-text";
import { watchFirstRecords } from "./first-records";
import { type IngestProgress, makeTally, type Tally } from "./ingest-progress";
import { type OpenImport, openImport } from "./open-import";
import { dropOpenLine } from "./open-line";
import { DEAD_LETTER_FORMATS, type IntakeRecord } from "./record";
import { readRecords } from "./records";
import { undatedTime } from "./undated-time";

/** Batches stored concurrently, each on its own connection: two was the fastest of one to three on two cores. */
const PARALLEL_BATCHES = 2;
/** How long a record waits for its batch to fill. */
const BATCH_WAIT_MS = 1_000;
/** A JSON document with fewer events is not recorded as an import: programs send many such a second. */
const MIN_IMPORT_EVENTS = 100;
/** The maximum time that a response waits for the record of its import's end, which is then written later. */
const MAX_END_MS = 1_000;
/** Bounds the memory of a batch of long lines, and the time to serialize its rows. */
const BATCH_LENGTH = 1024 * 1024;

export interface IngestOptions {
  readonly format: IntakeFormat | "auto";
  /** By any name of the WHATWG standard; default UTF-8, or UTF-16 with a byte order mark. */
  readonly encoding?: string;
  /** `direct`: stored when the call returns. `queued`: pushed to the queue and stored by a worker. */
  readonly mode: IntakeMode;
  /** How events become rows; by default detected, or by the names of their fields. */
  readonly mapping?: MappingChoice;
  /** The origin of the events, such as a host: equal events of two sources are distinct. */
  readonly source?: string;
  /** The name of the import and the source of its dead letters; not part of any identity. */
  readonly fileName?: string;
  /** The user who imports; default the command line. */
  readonly by?: Principal;
  /**
   * Time of events without one; default now, also when it is outside the storable years. With the file's own time,
   * importing the file again adds nothing; otherwise only events with a time or id are recognized.
   */
  readonly lastModified?: Date;
  /** Whether the bytes must be gzip; otherwise gzip, zstd and xz are detected. */
  readonly isGzip?: boolean;
  /** Stops the intake: stored events remain, and are reported by IngestError. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: IngestProgress) => void;
  /**
   * For a file that may still be written: an incomplete last line is skipped, and this is called. Without it, and for
   * compressed files, the bytes are considered complete.
   */
  readonly onOpenLine?: () => void;
  /** For a file that is followed while it is written. */
  readonly continuation?: Continuation;
}

/**
 * An intake that ended early. Events counted in `taken` are stored; sent again they are duplicates, unless their only
 * time was that of the intake.
 */
export class IngestError extends AppError {
  readonly taken: IngestResult;

  static override [Symbol.hasInstance](value: unknown): value is IngestError {
    return value instanceof AppError && "taken" in value;
  }

  constructor(cause: AppError, taken: IngestResult, isRepeatable: boolean) {
    const { received, queued, inserted, duplicates, rejected, dropped, import_id } = taken;
    super(
      isRepeatable ? "intake.interrupted" : "intake.interrupted_untraceable",
      { reason: toErrorValue(cause), received, queued, inserted, duplicates, rejected, dropped, import_id },
      { kind: cause.kind, errors: cause.errors, retryAfter: cause.retryAfter, cause: cause.cause ?? cause },
    );
    this.taken = taken;
  }
}

/**
 * Stores a file or request body of any size in constant memory, unpacking gzip, zstd and xz. An invalid event becomes a
 * dead letter with its original text, without affecting others. Events without an id get one derived from their text and
 * the number of equal ones before, so that importing a file again adds nothing.
 * @returns received = queued + inserted + duplicates + rejected + dropped; lines from 1
 * @throws AppError when nothing can be read (UNPROCESSABLE, BAD_REQUEST, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)
 * @throws IngestError when it ends early: the archive is truncated, the database is unavailable, the signal aborted
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
    const { format, origin, label, blocks } = await openRecords(ctx, table, bytes, options, tally);
    const store = options.mode === "direct" ? directSink(ctx) : queueSink(ctx, table);
    const { continuation } = options;
    const reading = { format: origin.format, source: options.source, mapping: origin.mapping };
    const identifier = await makeIdentifier(ctx, reading, undefined, continuation?.earlierCounts);
    continuation?.onIdentifier(identifier.counts);
    const inOrder = makeInOrder(continuation?.skip ?? 0, (records) => continuation?.onProcessed(records));
    const unread = continuation ? skipRecords(blocks, continuation.skip, identifier) : blocks;
    const limits = { records: ctx.config.maxBatchSize, length: BATCH_LENGTH, waitMs: BATCH_WAIT_MS };
    let isFirstDone = false;
    for await (const records of gatherBatches(unread, limits)) {
      if (!isFirstDone && isImport(options, format, records.length)) {
        opened = await openImport(ctx, { ...options, table, format, mapping: label, by: options.by ?? COMMAND_LINE });
      }
      isFirstDone = true;
      const { batch, stop } = first.check(
        await prepare(ctx, table, records, { ...origin, importId: opened?.id }, identifier),
      );
      const isRepeatable = origin.isFileTime || !hasUntraceable(batch);
      const finish = inOrder.start(records.length);
      await lanes.start(async () => {
        const stored = await store(await reusePlainIds(ctx, batch));
        tally.add(stored, isRepeatable);
        if (stored.isUndone) throw new AppError("import.undone", {});
        finish();
      });
      if (stop) throw stop;
    }
    await lanes.settle();
    const result = tally.result(opened?.id, label);
    await endImport(ctx, opened, result.status === "failed" ? errorValue("intake.none_stored", {}) : undefined);
    return result;
  } catch (error) {
    // Running batches finish first, so that the stored events are known.
    await lanes.settle().catch(() => {});
    const cause = toAppError(error);
    await endImport(ctx, opened, toErrorValue(cause));
    const taken = tally.result(opened?.id);
    throw taken.received === 0 ? cause : new IngestError(cause, taken, tally.isRepeatable());
  }
}

/** The common properties of all batches of a file; rules may change between them. */
type FileOrigin = Omit<BatchOrigin, "rules">;

/** Unpacks and parses the bytes. Returns the common properties of the events, and the records. */
async function openRecords(
  ctx: Context,
  table: LogTableName,
  bytes: AsyncIterable<Uint8Array>,
  options: IngestOptions,
  tally: Tally,
): Promise<{ format: IntakeFormat; origin: FileOrigin; label?: string; blocks: AsyncIterable<IntakeRecord[]> }> {
  const stoppable = untilAborted(bytes, options.signal, () => new AppError("intake.stopped", {}));
  const { isPacked, chunks: unpacked } = await unpackIfNeeded(counted(stoppable, tally), options.isGzip ?? false);
  const text = await decodeText(unpacked, options.encoding);
  const given = options.mapping && compileMapping(options.mapping.expression, logTables[table]);
  const known = options.continuation?.detected;
  const requested = known?.format ?? options.format;
  const chosen = await chooseFormat(ctx, text, requested, table, given, known !== undefined);
  const { format, chunks } = chosen;
  const preset = chosen.preset ?? known?.preset;
  options.continuation?.onFormat({ format, preset });
  const complete = options.onOpenLine && !isPacked ? dropOpenLine(chunks, format, options.onOpenLine) : chunks;
  const mapping = preset === undefined ? given : compileMapping(preset, logTables[table]);
  const { csvHeader, blocks } = await readRecords(complete, format, logTables[table], mapping);
  const origin = {
    ...undatedTime(ctx, options.lastModified),
    source: options.fileName ?? options.source ?? "api",
    format: DEAD_LETTER_FORMATS[format],
    csvHeader,
    mapping: mapping?.expression,
    keepsFirstTime: options.continuation !== undefined,
  };
  return { format, origin, label: options.mapping?.label ?? preset, blocks };
}

/** Whether an intake is recorded as one import. @param records of its first batch */
function isImport({ fileName }: IngestOptions, format: IntakeFormat, records: number): boolean {
  return fileName !== undefined || format !== "json" || records >= MIN_IMPORT_EVENTS;
}

/** Records the end of an import; stored events do not depend on it. */
async function endImport(ctx: Context, opened: OpenImport | undefined, error: ErrorValue | undefined): Promise<void> {
  const ending = opened
    ?.end(error === undefined ? "completed" : "failed", error)
    .catch((failure: unknown) =>
      ctx.log.warn({ err: failure, import: opened.id }, "end of an import could not be recorded"),
    );
  await within(Promise.resolve(ending), MAX_END_MS);
}

/** Whether events of the batch have neither a time nor an id: with another `receivedAt` they are new events. */
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
  shared: FileOrigin,
  identifier: Identifier,
): Promise<PreparedBatch> {
  const plainIds = new Map<string, string>();
  const origin = {
    ...shared,
    plainIds,
    rules: await currentRules(ctx, table),
    ...(shared.keepsFirstTime && { receivedAt: instantOf(ctx.now()) }),
  };
  const events: IncomingEvent[] = [];
  const dead: DeadLetterDraft[] = [];
  const slice = makeTimeSlice();
  for (const { text, line, event, error, header } of records) {
    const pause = slice();
    if (pause) await pause;
    const fallbackId = () => identifier.idOf(header === undefined ? text : `${header}\n${text}`, event, plainIds);
    if (error === undefined) events.push({ event, raw: text, fallbackId, line, csvHeader: header });
    else dead.push(draftOf(table, { raw: text, line, csvHeader: header }, origin, fallbackId(), error));
  }
  const batch = await prepareBatch(ctx, table, events, origin);
  return { ...batch, dead: [...batch.dead, ...dead] };
}
