import { type LogTableName, logTables } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { makeLanes } from "@/server/lib/lanes";
import { instantOf } from "@/server/lib/time";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { Context } from "@/server/process/context";
import { type BatchOrigin, type DeadLetterDraft, ID, type IncomingEvent, type PreparedBatch } from "../batch";
import type { IntakeMode, MappingChoice } from "../contract";
import { draftOf, prepareBatch } from "../events/prepare";
import { type Identifier, makeIdentifier } from "../identity/identify";
import { COLLECTED, type CollectedLabels, collectedText, labelled } from "../mappings/collected";
import { compileMapping, type Mapping } from "../mappings/mapping";
import { isObject } from "../mappings/pairs";
import { directSink, queueSink, type Sink } from "../read/batch-sink";
import { currentRules } from "../rules/current-rules";
import { filePosition } from "./file-position";

/** Batches of one request that are stored concurrently, as for files. */
const PARALLEL_BATCHES = 2;
/** Bounds the memory of a batch of long events. */
const BATCH_LENGTH = 1024 * 1024;

/** An event as a collector sent it. */
export interface CollectedEvent extends CollectedLabels {
  readonly table: LogTableName;
  /**
   * The original text: everything that the collector sent about the event. It identifies an event that has neither an
   * id nor a position in a file.
   */
  readonly text: string;
  /**
   * Parses the text into a new document: the members of the event, or `{message: line}`. Called again for a dead letter.
   */
  read(): { readonly event: unknown } | { readonly error: ErrorValue };
}

interface CollectOptions {
  readonly mode: IntakeMode;
  /** How documents, or the lines in them, become rows; by default detected for each. */
  readonly mapping?: (table: LogTableName) => Promise<MappingChoice>;
  /** The origin of the events: equal events of two sources are distinct. */
  readonly source?: string;
  /** Named in dead letters. */
  readonly collector: string;
}

/** received = queued + inserted + duplicates + rejected + dropped. */
export interface Collected {
  readonly received: number;
  readonly queued: number;
  readonly inserted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly dropped: number;
  /** The reasons of the events that became dead letters, by position from 0. */
  readonly refused: ReadonlyMap<number, ErrorValue>;
  /** The ids of rows and dropped events, by position. An event without a time that was stored before has the same id. */
  readonly ids: ReadonlyMap<number, string>;
}

/** The events of one table that wait for their batch. */
interface Pending {
  readonly identifier: Identifier;
  readonly mapping: Mapping;
  readonly origin: BatchOrigin;
  readonly sink: Sink;
  events: IncomingEvent[];
  dead: DeadLetterDraft[];
  length: number;
}

/**
 * Stores the events of one request of a collector, in batches, like those of files and requests: an invalid event
 * becomes a dead letter, and an event that was sent before is a duplicate.
 * @throws AppError when nothing more can be stored, so that the collector sends the request again
 */
export async function collect(
  ctx: Context,
  events: Iterable<CollectedEvent>,
  options: CollectOptions,
): Promise<Collected> {
  const total = { received: 0, queued: 0, inserted: 0, duplicates: 0, rejected: 0, dropped: 0 };
  const refused = new Map<number, ErrorValue>();
  const ids = new Map<number, string>();
  const lanes = makeLanes(PARALLEL_BATCHES);
  const byTable = new Map<LogTableName, Pending>();

  const store = async (table: LogTableName, pending: Pending) => {
    const { events: incoming, dead, origin, sink } = pending;
    pending.events = [];
    pending.dead = [];
    pending.length = 0;
    const prepared = await prepareBatch(ctx, table, incoming, origin);
    const batch: PreparedBatch = { ...prepared, dead: [...prepared.dead, ...dead] };
    for (const [index, { line = 0 }] of batch.events.entries()) ids.set(line - 1, batch.rows[index]?.[ID] ?? "");
    for (const { line, id } of batch.dropped) ids.set((line ?? 0) - 1, id);
    for (const { line, error } of batch.dead) refused.set((line ?? 0) - 1, error);
    await lanes.start(async () => {
      const { errors = [], ...counts } = await sink(batch);
      for (const name of ["received", "queued", "inserted", "duplicates", "rejected", "dropped"] as const) {
        total[name] += counts[name] ?? 0;
      }
      for (const { line, error } of errors) refused.set((line ?? 0) - 1, error);
    });
  };

  try {
    const slice = makeTimeSlice();
    let position = 0;
    for (const event of events) {
      const pause = slice();
      if (pause) await pause;
      const known = byTable.get(event.table);
      const pending = known ?? (await openTable(ctx, event.table, options));
      if (!known) byTable.set(event.table, pending);
      add(event, ++position, pending);
      pending.length += event.text.length;
      const count = pending.events.length + pending.dead.length;
      if (count >= ctx.config.maxBatchSize || pending.length >= BATCH_LENGTH) await store(event.table, pending);
    }
    for (const [table, pending] of byTable) {
      if (pending.events.length + pending.dead.length > 0) await store(table, pending);
    }
    await lanes.settle();
  } catch (error) {
    // Running batches finish first, so that a repetition of the request finds them.
    await lanes.settle().catch(() => {});
    throw error;
  }
  return { ...total, refused, ids };
}

async function openTable(ctx: Context, table: LogTableName, options: CollectOptions): Promise<Pending> {
  const { mode, source, collector } = options;
  const given = await options.mapping?.(table);
  const mapping = compileMapping(
    given === undefined ? COLLECTED : `${COLLECTED}:${given.expression}`,
    logTables[table],
  );
  return {
    mapping,
    identifier: await makeIdentifier(ctx, { format: "json", source, mapping: mapping.expression }),
    origin: {
      receivedAt: instantOf(ctx.now()),
      source: source ?? collector,
      format: "json",
      mapping: mapping.expression,
      rules: await currentRules(ctx, table),
    },
    sink: mode === "direct" ? directSink(ctx) : queueSink(ctx, table),
    events: [],
    dead: [],
    length: 0,
  };
}

function add(collected: CollectedEvent, line: number, { mapping, identifier, origin, events, dead }: Pending): void {
  const { table, text } = collected;
  const read = collected.read();
  const position = "event" in read && isObject(read.event) ? filePosition(read.event) : undefined;
  const identity = position === undefined ? text : `${JSON.stringify(collected.labels ?? {})}\n${position}`;
  const fallbackId = () => identifier.idOf(identity, undefined, new Map());
  const parsed = "error" in read ? read : documentOf(read.event, mapping, collected);
  if ("error" in parsed) {
    dead.push(draftOf(table, { raw: letterText(collected), line }, origin, fallbackId(), parsed.error));
  } else {
    events.push({ event: parsed.event, raw: () => letterText(collected), fallbackId, line });
  }
}

function documentOf(document: unknown, { reads }: Mapping, labels: CollectedLabels) {
  if (!isObject(document)) return { error: errorValue("event.not_object", { field: "event" }) };
  if (reads.kind !== "events") throw new Error("The mapping of a collector reads documents.");
  return reads.map({ ...document, ...labelled(labels) });
}

function letterText(collected: CollectedEvent): string {
  const read = collected.read();
  if (!("event" in read) || !isObject(read.event)) return collected.text;
  try {
    return collectedText(read.event, collected);
  } catch {
    // Nested more deeply than can be serialized.
    return collected.text;
  }
}
