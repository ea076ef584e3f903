import type { Socket } from "node:net";

/** How the bytes of a connection ended. */
export type SocketEnd = "closed" | "broken" | "stopped";

/**
 * Reads a connection no faster than the caller takes the chunks: meanwhile the kernel's buffer fills, and the sender
 * waits. After `stop` aborts, what Node.js has already read from the kernel is returned, and nothing more.
 * @returns how it ended
 */
export async function* readSocket(socket: Socket, stop: AbortSignal): AsyncGenerator<Uint8Array, SocketEnd> {
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
  stop.addEventListener("abort", notify, { once: true });
  try {
    for (;;) {
      const isLast = stop.aborted;
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const chunk: unknown = socket.read();
      if (chunk instanceof Uint8Array) yield chunk;
      if (isLast) return "stopped";
      if (end !== undefined && chunk === null) return end;
      if (chunk === null) await changed;
    }
  } finally {
    stop.removeEventListener("abort", notify);
    socket.off("readable", notify);
  }
}
