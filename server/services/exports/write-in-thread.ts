import path from "node:path";
import { Worker } from "node:worker_threads";
import { type ThreadMessage, unpackFailure } from "./thread-messages";
import type { ExportTask, WrittenExport } from "./write-export";

/** The heap of a thread that writes a workbook; it holds chunks of rows, not the rows. */
const HEAP_MB = 160;
/** Of it the young part: rows live as long as it takes to write them, and with less of it most are copied before they die. */
const YOUNG_MB = 64;
/** After that a thread that was told to stop is ended: with the time until a worker sees it, a cancel takes well under a second. */
const STOP_PATIENCE_MS = 250;

/**
 * writeExport in a thread of its own: exceljs takes a core for as long as it writes, and queues are drained and pages
 * served on this loop.
 * @throws the signal's reason; what writeExport threw
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
    killer = setTimeout(() => void thread.terminate(), STOP_PATIENCE_MS);
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
