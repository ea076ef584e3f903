import type { Socket } from "node:net";
import { within } from "@/server/lib/within";

/** How the bytes of a connection ended. */
export type SocketEnd = "closed" | "broken" | "stopped";

/** How long a sender who was notified may send nothing. */
const IDLE_MS = 2_000;

interface Stop {
  /** The sender was notified to close: the connection is read until it does, or sends nothing for two seconds. */
  readonly closing: AbortSignal;
  /** What Node.js has already read from the kernel is returned, and nothing more. */
  readonly now: AbortSignal;
}

/**
 * Reads a connection no faster than the caller takes the chunks: meanwhile the kernel's buffer fills, and the sender
 * waits.
 * @returns how it ended
 */
export async function* readSocket(socket: Socket, stop: Stop): AsyncGenerator<Uint8Array, SocketEnd> {
  let wake = () => {};
  let end: SocketEnd | undefined;
  const notify = () => wake();
  const finish = (how: SocketEnd) => () => {
    end ??= how;
    wake();
  };
  socket.on("readable", notify);
  socket.once("end", finish("closed"));
  socket.once("error", finish("broken"));
  socket.once("close", finish("broken"));
  const signals = [stop.closing, stop.now];
  for (const signal of signals) signal.addEventListener("abort", notify);
  try {
    for (;;) {
      const isLast = stop.now.aborted;
      const isClosing = stop.closing.aborted;
      const changed = new Promise<true>((resolve) => {
        wake = () => resolve(true);
      });
      const chunk: unknown = socket.read();
      if (chunk instanceof Uint8Array) yield chunk;
      if (isLast) return "stopped";
      if (end !== undefined && chunk === null) return end;
      if (chunk === null && !(isClosing ? await within(changed, IDLE_MS) : await changed)) return "stopped";
    }
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", notify);
    socket.off("readable", notify);
  }
}
