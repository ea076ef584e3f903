import { parentPort, workerData } from "node:worker_threads";
import { packFailure, type ThreadMessage } from "./thread-messages";
import { type ExportTask, writeExport } from "./write-export";

const PROGRESS_EVERY_MS = 200;

/** Thread entry point: writes the export of `workerData`, and stops on any message. */
const port = parentPort;
if (!port) throw new Error("This runs as a worker thread.");
const task: ExportTask = workerData;
const stop = new AbortController();
port.once("message", () => stop.abort());
const post = (message: ThreadMessage) => port.postMessage(message);

let reportedAt = 0;
const onRows = (rows: number) => {
  if (Date.now() - reportedAt < PROGRESS_EVERY_MS) return;
  reportedAt = Date.now();
  post({ rows });
};
writeExport(task, stop.signal, onRows)
  .then(
    (written) => post({ written }),
    (error: unknown) => post({ failure: packFailure(error) }),
  )
  .finally(() => port.close());
