import path from "node:path";
import { Worker } from "node:worker_threads";
import { type ThreadMessage, unpackFailure } from "./thread-messages";
import type { ExportTask, WrittenExport } from "./write-export";

/** Heap limit of a thread that writes a workbook; it buffers chunks of rows, not all rows. */
const HEAP_MB = 160;
/** The young generation of the heap: rows are short-lived, and with a smaller one most would be copied. */
const YOUNG_MB = 64;
/**
 * Time after which a thread that was told to stop is terminated. With the time until a worker notices, a cancel takes
 * well under a second.
 */
const STOP_TIMEOUT_MS = 250;

/**
 * Runs writeExport in a separate thread: exceljs occupies a CPU, and this event loop drains queues and serves pages.
 * @throws the signal's reason, or the error of writeExport
 */
export async function writeInThread(
  task: ExportTask,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<WrittenExport> {
  signal.throwIfAborted();
  const launcher = path.resolve(/* turbopackIgnore: true */ process.cwd(), "server/process/run.mjs");
  const thread = new Worker(launcher, {
    argv: ["export-thread"],
    workerData: task,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let killer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    thread.postMessage("stop");
    killer = setTimeout(() => void thread.terminate(), STOP_TIMEOUT_MS);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await new Promise<WrittenExport>((resolve, reject) => {
      thread.on("message", (message: ThreadMessage) => {
        if ("rows" in message) onRows(message.rows);
        else if ("written" in message) resolve(message.written);
        else reject(unpackFailure(message.failure));
      });
      thread.once("error", reject);
      thread.once("exit", (code) => reject(new Error(`the thread that wrote the workbook ended with code ${code}`)));
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(killer);
    await thread.terminate();
  }
}
