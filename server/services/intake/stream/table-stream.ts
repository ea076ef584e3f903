import type { LogTableName } from "@/server/catalog";
import { makeLanes } from "@/server/lib/lanes";
import { instantOf } from "@/server/lib/time";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { within } from "@/server/lib/within";
import type { Context } from "@/server/process/context";
import type { DeadLetterDraft, IncomingEvent, PreparedBatch } from "../batch";
import { draftOf, prepareBatch } from "../events/prepare";
import type { Identifier } from "../identity/identify";
import type { Parsed } from "../mappings/text-mapping";
import { currentRules } from "../rules/current-rules";
import type { Account } from "./account";
import { type Stored, type StoreOptions, storeUntilDone } from "./store-until-done";

/** How long an event waits for others. */
const WAIT_MS = 100;
const PARALLEL_BATCHES = 2;
/** Bounds the memory of a batch of long events. */
const BATCH_LENGTH = 1024 * 1024;

/** A parsed event of a sender. */
export interface StreamEvent {
  readonly text: string;
  readonly parsed: Parsed;
  readonly identifier: Identifier;
  readonly account: Pick<Account, "release">;
  readonly bytes: number;
}

export interface TableStreamOptions extends StoreOptions {
  readonly table: LogTableName;
  /** The source of dead letters. */
  readonly source: string;
  /** The expression of the mapping that the texts are read with. */
  readonly mapping: string;
  readonly onStored: (stored: Stored) => void;
  readonly onLost: (events: number) => void;
}

export interface TableStream {
  add(event: StreamEvent): void;
  /** Stores without waiting for more events, because a sender waits for room. */
  flush(): void;
  /** Resolves when all events are stored, or lost. */
  close(): Promise<void>;
}

/** Stores the events of all senders to one table in batches, in order of each sender's identities. */
export function openTableStream(ctx: Context, options: TableStreamOptions): TableStream {
  const size = ctx.config.maxBatchSize;
  let pending: StreamEvent[] = [];
  let pendingBytes = 0;
  let firstAt = 0;
  let isDue = false;
  let isClosing = false;
  let wake = () => {};
  const lanes = makeLanes(Math.min(PARALLEL_BATCHES, ctx.config.databasePools.intake));

  const isReady = () => isDue || isClosing || pending.length >= size || pendingBytes >= BATCH_LENGTH;
  const take = (): StreamEvent[] => {
    let length = 0;
    let count = 0;
    while (count < pending.length && count < size && length < BATCH_LENGTH) length += pending[count++]?.bytes ?? 0;
    const taken = pending.slice(0, count);
    pending = pending.slice(count);
    pendingBytes -= length;
    isDue &&= pending.length > 0;
    return taken;
  };

  const run = async () => {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (pending.length === 0) {
        if (isClosing) break;
        await changed;
        continue;
      }
      const wait = firstAt + WAIT_MS - performance.now();
      if (!isReady() && wait > 0) {
        await within(changed, wait);
        continue;
      }
      const events = take();
      firstAt = performance.now();
      const batch = await prepare(ctx, events, options);
      await lanes.start(() => store(batch, events));
    }
    await lanes.settle();
  };

  const store = async (batch: PreparedBatch, events: readonly StreamEvent[]) => {
    const stored = await storeUntilDone(ctx, batch, options);
    if (stored) options.onStored(stored);
    else options.onLost(events.length);
    for (const { account, bytes } of events) account.release(bytes);
  };

  const running = run();
  return {
    add: (event) => {
      if (pending.length === 0) firstAt = performance.now();
      pending.push(event);
      pendingBytes += event.bytes;
      if (pending.length === 1 || isReady()) wake();
    },
    flush: () => {
      isDue = pending.length > 0;
      wake();
    },
    close: async () => {
      isClosing = true;
      wake();
      await running;
    },
  };
}

/** One batch after another: the ids of equal events depend on their order. */
async function prepare(
  ctx: Context,
  events: readonly StreamEvent[],
  { table, source, mapping }: TableStreamOptions,
): Promise<PreparedBatch> {
  // Version 0.1 stored no such events, so their previous ids are not looked up.
  const plainIds = new Map<string, string>();
  const rules = await currentRules(ctx, table);
  const origin = { receivedAt: instantOf(ctx.now()), source, format: "log_line", mapping, rules } as const;
  const incoming: IncomingEvent[] = [];
  const dead: DeadLetterDraft[] = [];
  const slice = makeTimeSlice();
  for (const { text, parsed, identifier } of events) {
    const pause = slice();
    if (pause) await pause;
    const fallbackId = () => identifier.idOf(text, undefined, plainIds);
    if ("event" in parsed) incoming.push({ event: parsed.event, raw: text, fallbackId });
    else dead.push(draftOf(table, { raw: text }, origin, fallbackId(), parsed.error));
  }
  const batch = await prepareBatch(ctx, table, incoming, origin);
  return { ...batch, dead: [...batch.dead, ...dead] };
}
