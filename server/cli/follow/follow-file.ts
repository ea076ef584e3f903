import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { IngestError, ingest } from "@/server/services/intake";
import type { IngestResult, MappingChoice } from "@/server/services/intake/contract";
import { queueStatus } from "@/server/services/queues";
import type { IngestFlags } from "../ingest-file";
import { readGrowing } from "./growing-file";
import type { Position, PositionStore } from "./position-store";

const SAVE_MS = 500;
const RETRY_MS = 1_000;

export interface Following {
  readonly ctx: Context;
  readonly flags: IngestFlags;
  readonly mapping?: MappingChoice;
  readonly signal: AbortSignal;
  readonly store: PositionStore;
  /** Writes a line for the user. */
  readonly note: (line: string) => void;
  readonly onTaken: (taken: IngestResult) => void;
}

export interface Reading {
  readonly handle: FileHandle;
  readonly position: Position;
  readonly earlierCounts?: Uint32Array;
  /** Whether the reading ends once nothing more is written. */
  readonly isEnding: () => boolean;
  /** Whether a last line without a line feed is complete. */
  readonly isFinal: boolean;
}

export interface Read {
  readonly isTruncated: boolean;
  /** Why reading ended early. */
  readonly error?: AppError;
  readonly counts?: Uint32Array;
}

/**
 * Reads a file while it is written, and saves its position after the rows. Waits while PostgreSQL is unavailable.
 */
export async function followFile(following: Following, reading: Reading): Promise<Read> {
  const { ctx, flags, mapping, signal, store, note, onTaken } = following;
  const { handle, position } = reading;
  const name = position.path;
  for (;;) {
    // What is read of CSV may end inside a record.
    const stop = new AbortController();
    const onAbort = () => position.detected?.format === "csv" && stop.abort();
    signal.addEventListener("abort", onAbort, { once: true });
    const file = readGrowing(handle, position, signal, reading);
    const saver = makeSaver(() => store.save(position));
    let counts: (() => Uint32Array) | undefined;
    let error: AppError | undefined;
    try {
      const taken = await ingest(ctx, flags.table, file.lines, {
        format: flags.format,
        encoding: flags.encoding,
        mode: flags.direct ? "direct" : "queued",
        mapping,
        source: flags.source,
        fileName: path.basename(name),
        signal: stop.signal,
        continuation: {
          skip: position.records,
          earlierCounts: reading.earlierCounts,
          detected: position.detected,
          onFormat: (detected) => {
            if (detected.format === "json") throw new AppError("intake.not_lines", {});
            if (file.hasBytes()) position.detected = detected;
          },
          onProcessed: (records) => {
            position.records = records;
            position.bytes = file.bytes();
            saver.request();
          },
          onIdentifier: (read) => {
            counts = read;
          },
        },
      });
      onTaken(taken);
    } catch (caught) {
      if (!(caught instanceof AppError)) throw caught;
      if (caught instanceof IngestError) onTaken(caught.taken);
      error = caught;
    } finally {
      signal.removeEventListener("abort", onAbort);
      await saver.end();
    }
    if (error?.kind !== "UNAVAILABLE" || signal.aborted) {
      return { isTruncated: file.isTruncated(), error: signal.aborted ? undefined : error, counts: counts?.() };
    }
    note(`${name}: ${error.message} Reading continues when this is over.`);
    await untilAvailable(ctx, signal);
    if (!signal.aborted) note(`${name}: reading continues.`);
  }
}

/** Waits until PostgreSQL responds, since each attempt reads the file from its start. */
async function untilAvailable(ctx: Context, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    const isAvailable = await queueStatus(ctx).then(
      () => true,
      () => false,
    );
    if (isAvailable) return;
  }
}

/** Saves at most once per interval. A position that is not saved in time costs only repeated, recognised events. */
function makeSaver(save: () => Promise<void>) {
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();
  const start = () => {
    clearTimeout(timer);
    timer = undefined;
    saving = saving.then(save);
    // Reported by `end`.
    saving.catch(() => {});
  };
  return {
    request: () => {
      timer ??= setTimeout(start, SAVE_MS);
    },
    end: async () => {
      start();
      await saving;
    },
  };
}
