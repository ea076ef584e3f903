import { setMaxListeners } from "node:events";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import { addressGroup, isIn, parseIp, unmapped } from "@/server/lib/ip";
import type { Config } from "@/server/process/config";
import type { SyslogStream } from "@/server/services/intake";
import { makeFrameReader } from "./frames";
import { readSocket } from "./read-socket";

const KEEP_ALIVE_MS = 60_000;
/** One warning of each reason in this time. */
const WARN_EVERY_MS = 60_000;

export const REFUSALS = ["network", "limit", "address_limit"] as const;
type Refusal = (typeof REFUSALS)[number];

/** Figures since the start of the process. */
export interface ConnectionFigures {
  readonly open: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<Refusal, number>>;
  /** Connections that ended within a message, which is not stored. */
  readonly incomplete: number;
}

export interface Connections {
  /** Reads a connection until it ends. */
  accept(socket: Socket): void;
  figures(): ConnectionFigures;
  /**
   * Closes the sending side of all connections, which notifies the senders, and reads what they sent until then.
   * @param signal ends the reading
   */
  close(signal: AbortSignal): Promise<void>;
}

type Limits = Pick<Config["collect"], "allow" | "maxConnections" | "maxMessageBytes"> & {
  /** 0: no limit. */
  readonly perAddress: number;
};

/** Reads the messages of all connections into `stream`. */
export function makeConnections(stream: SyslogStream, limits: Limits, log: Logger): Connections {
  const open = new Map<Socket, Promise<void>>();
  const byAddress = new Map<string, number>();
  const closing = new AbortController();
  const stop = new AbortController();
  // One listener per connection.
  for (const { signal } of [closing, stop]) setMaxListeners(0, signal);
  const refused = { network: 0, limit: 0, address_limit: 0 };
  const warnedAt = new Map<Refusal, number>();
  let accepted = 0;
  let incomplete = 0;

  const refusalOf = (address: string): Refusal | undefined => {
    if (!isIn(limits.allow, address)) return "network";
    if (open.size >= limits.maxConnections) return "limit";
    const count = byAddress.get(addressGroup(address)) ?? 0;
    return limits.perAddress > 0 && count >= limits.perAddress ? "address_limit" : undefined;
  };
  const refuse = (socket: Socket, reason: Refusal, address: string) => {
    refused[reason]++;
    socket.destroy();
    const now = performance.now();
    if (now - (warnedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return;
    warnedAt.set(reason, now);
    log.warn({ address, reason, refused: refused[reason] }, "connection refused");
  };
  const count = (group: string, change: number) => {
    const next = (byAddress.get(group) ?? 0) + change;
    if (next > 0) byAddress.set(group, next);
    else byAddress.delete(group);
  };

  const serve = async (socket: Socket, address: string) => {
    const frames = makeFrameReader(limits.maxMessageBytes);
    const sender = await stream.openSender(address);
    const chunks = readSocket(socket, { closing: closing.signal, now: stop.signal });
    for (;;) {
      const next = await chunks.next();
      if (!next.done) {
        await sender.add(frames.push(next.value));
        continue;
      }
      // After a failure the sender sends the message again.
      if (next.value === "closed") await sender.add(frames.end());
      if (frames.isWithin()) incomplete++;
      return;
    }
  };

  return {
    figures: () => ({ open: open.size, accepted, refused: { ...refused }, incomplete }),
    accept: (socket) => {
      // Errors end the reading; without a listener, they would end the process.
      socket.on("error", () => {});
      const parsed = parseIp(socket.remoteAddress ?? "");
      if (!parsed || closing.signal.aborted) return void socket.destroy();
      const address = unmapped(parsed).toString();
      const refusal = refusalOf(address);
      if (refusal) return refuse(socket, refusal, address);
      accepted++;
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      const group = addressGroup(address);
      count(group, 1);
      const served = serve(socket, address)
        .catch((error: unknown) => log.error({ err: error, address }, "connection failed"))
        .finally(() => {
          socket.destroy();
          open.delete(socket);
          count(group, -1);
        });
      open.set(socket, served);
    },
    close: async (signal) => {
      for (const socket of open.keys()) socket.end();
      closing.abort();
      const end = () => stop.abort();
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
      await Promise.all(open.values());
      signal.removeEventListener("abort", end);
    },
  };
}
