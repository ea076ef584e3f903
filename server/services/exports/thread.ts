import { parentPort, workerData } from "node:worker_threads";
import { packFailure, type ThreadMessage } from "./thread-messages";
import { type ExportTask, writeExport } from "./write-export";

const PROGRESS_EVERY_MS = 200;

/** Entry of the thread: writes the export of `workerData`, and stops when it is told anything. */
const port = parentPort;
if (!port) throw new Error("This runs as a worker thread.");
const task: ExportTask = workerData;
const stop = new AbortController();
port.once("message", () => stop.abort());
const tell = (message: ThreadMessage) => port.postMessage(message);

let toldAt = 0;
const onRows = (rows: number) => {
  if (Date.now() - toldAt < PROGRESS_EVERY_MS) return;
  toldAt = Date.now();
  tell({ rows });
};
writeExport(task, stop.signal, onRows)
  .then(
    (written) => tell({ written }),
    (error: unknown) => tell({ failure: packFailure(error) }),
  )
  .finally(() => port.close());
