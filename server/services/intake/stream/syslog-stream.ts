import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { Context } from "@/server/process/context";
import { beginningOf, tooLongError } from "../events/event-limit";
import { type Identifier, makeIdentifier } from "../identity/identify";
import { compileMapping } from "../mappings/mapping";
import { SYSLOG } from "../mappings/presets";
import { isRowOf } from "../mappings/syslog";
import type { LineParser, Parsed } from "../mappings/text-mapping";
import { decodeLenient } from "../read/utf8";
import { currentRules } from "../rules/current-rules";
import { type Account, makeAccount } from "./account";
import { makeStreamState, type StreamState } from "./stream-state";
import { openTableStream, type TableStream } from "./table-stream";

/** Bytes of one sender that are read and not stored. */
const MAX_SENDER_BYTES = 256 * 1024;
/** Bytes of all senders. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Equal texts have equal times, so they follow each other closely. Bounds the memory of a connection. */
const IDENTITY_WINDOW = 2_000;
/** What an event occupies beside its text. */
const EVENT_BYTES = 200;

export interface SyslogOptions {
  /** `auto`: messages that are requests become access logs, all others activities. */
  readonly table: LogTableName | "auto";
  /** The expression of the mapping of the messages' texts. */
  readonly mapping?: string;
}

/** A message without its framing. */
export interface SyslogFrame {
  readonly bytes: Uint8Array;
  /** It exceeds the limit, and `bytes` is its beginning. */
  readonly isCut: boolean;
}

export interface SyslogSender {
  /** Takes messages, and resolves when the sender may send more. */
  add(frames: readonly SyslogFrame[]): Promise<void>;
}

export interface SyslogStream {
  /** @param address of the sender, which is part of the identity of its messages */
  openSender(address: string): Promise<SyslogSender>;
  state(): StreamState;
  /**
   * Stores what was added.
   * @param signal gives up, for example while PostgreSQL is unavailable
   * @returns the number of lost events
   */
  close(signal: AbortSignal): Promise<number>;
}

/**
 * Stores syslog messages of any number of senders. Syslog has no acknowledgement: a sender is read only as fast as its
 * messages are stored, so that it notices by TCP's flow control.
 * @throws AppError for an invalid mapping
 */
export function openSyslogStream(ctx: Context, { table, mapping }: SyslogOptions): SyslogStream {
  const expression = mapping === undefined ? SYSLOG : `${SYSLOG}:${mapping}`;
  // Messages that are no requests have no mapping.
  const expressions: Record<LogTableName, string> = {
    access_logs: expression,
    user_activities: table === "auto" ? SYSLOG : expression,
  };
  const parsers = { access_logs: parserOf("access_logs"), user_activities: parserOf("user_activities") };
  function parserOf(name: LogTableName): LineParser | undefined {
    if (table !== "auto" && table !== name) return undefined;
    const { reads } = compileMapping(expressions[name], logTables[name]);
    return reads.kind === "lines" ? reads.parse : undefined;
  }

  const abandon = new AbortController();
  const state = makeStreamState(ctx.log);
  const total = makeAccount(MAX_BYTES);
  const streams = new Map<LogTableName, TableStream>();
  for (const name of LOG_TABLE_NAMES) {
    if (!parsers[name]) continue;
    const options = { table: name, source: SYSLOG, mapping: expressions[name], signal: abandon.signal };
    streams.set(name, openTableStream(ctx, { ...options, ...state.handlersOf(name) }));
  }
  const flush = () => {
    for (const stream of streams.values()) stream.flush();
  };

  const read = (text: string): { table: LogTableName; parsed: Parsed } => {
    if (parsers.access_logs) {
      const parsed = parsers.access_logs(text);
      const isRequest = "event" in parsed && isRowOf(parsed.event, logTables.access_logs);
      if (isRequest || !parsers.user_activities) return { table: "access_logs", parsed };
    }
    return { table: "user_activities", parsed: parsers.user_activities?.(text) ?? { error: tooLongError() } };
  };

  const openSender = async (address: string): Promise<SyslogSender> => {
    const identifiers = new Map<LogTableName, Identifier>();
    for (const name of streams.keys()) {
      const reading = { format: "log_line", source: address, mapping: expressions[name] } as const;
      identifiers.set(name, await makeIdentifier(ctx, reading, IDENTITY_WINDOW));
      // Once read, they are known while PostgreSQL is unavailable.
      await currentRules(ctx, name);
    }
    const own = makeAccount(MAX_SENDER_BYTES);
    const slice = makeTimeSlice();
    return {
      add: async (frames) => {
        for (const { bytes, isCut } of frames) {
          const pause = slice();
          if (pause) await pause;
          const text = decodeLenient(bytes);
          const { table: to, parsed } = isCut ? { table: tableOfCut(), parsed: { error: tooLongError() } } : read(text);
          const identifier = identifiers.get(to);
          const size = bytes.length + EVENT_BYTES;
          if (identifier) {
            const account = both(own, total);
            account.add(size);
            state.received();
            streams.get(to)?.add({ text: isCut ? beginningOf(text) : text, parsed, identifier, account, bytes: size });
          }
          if (own.isFull() || total.isFull()) {
            flush();
            await own.room();
            await total.room();
          }
        }
      },
    };
  };
  const tableOfCut = (): LogTableName => (table === "auto" ? "user_activities" : table);

  return {
    openSender,
    state: state.read,
    close: async (signal) => {
      const giveUp = () => abandon.abort();
      signal.addEventListener("abort", giveUp, { once: true });
      if (signal.aborted) giveUp();
      await Promise.all([...streams.values()].map((stream) => stream.close()));
      signal.removeEventListener("abort", giveUp);
      return state.read().lost;
    },
  };
}

function both(one: Account, other: Account): Pick<Account, "add" | "release"> {
  return {
    add: (bytes) => {
      one.add(bytes);
      other.add(bytes);
    },
    release: (bytes) => {
      one.release(bytes);
      other.release(bytes);
    },
  };
}
