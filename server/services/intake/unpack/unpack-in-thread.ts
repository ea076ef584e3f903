import { on } from "node:events";
import path from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import { AppError } from "@/server/lib/errors";
import type { ThreadAnswer, ThreadRequest, UnpackTask } from "./thread-messages";

const HEAP_MB = 64;

/**
 * Unpacks zstd or xz in a separate thread: the decoders are WebAssembly without an asynchronous interface, and would
 * block the event loop. The thread is at most two blocks ahead.
 * @throws AppError BAD_REQUEST for a truncated or corrupted archive
 */
export async function* unpackInThread(
  format: UnpackTask["format"],
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const launcher = path.resolve(/* turbopackIgnore: true */ process.cwd(), "server/process/run.mjs");
  const { port1, port2 } = new MessageChannel();
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(launcher, {
    argv: ["unpack-thread"],
    workerData: { format, answers: port2, wake } satisfies UnpackTask,
    transferList: [port2],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const answer = (message: ThreadAnswer) => {
    port1.postMessage(message);
    Atomics.add(wake, 0, 1);
    Atomics.notify(wake, 0);
  };
  const ended = new AbortController();
  thread.once("exit", (code) => ended.abort(new Error(`the thread that unpacked ${format} ended with code ${code}`)));
  let position = 0;
  try {
    for await (const message of on(thread, "message", { signal: ended.signal })) {
      const [request]: ThreadRequest[] = message;
      if (request === undefined) continue;
      if (request.kind === "end") return;
      if (request.kind === "failed") {
        const { reason, detail } = request;
        throw new AppError(`intake.packed_${reason}`, { format, position }, { cause: new Error(detail) });
      }
      if (request.kind === "block") {
        yield request.bytes;
        answer({ kind: "taken" });
        continue;
      }
      const next = await source.next();
      if (!next.done) position += next.value.length;
      answer({ kind: "bytes", bytes: next.done ? undefined : next.value });
    }
  } finally {
    port1.close();
    await thread.terminate();
    await source.return?.();
  }
}
